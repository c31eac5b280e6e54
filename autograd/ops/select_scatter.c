/* select_scatter: a copy of x with src in the place of a select of it. Made of other ops: a clone, and a copy
 * into a view of it. (PyTorch's graph has one node for it, SelectScatterBackward0.) */
#include "autograd/ops_internal.h"

static bool put(cd_tensor *part, cd_tensor *src)
{
    char text[CD_SHAPE_TEXT], text_src[CD_SHAPE_TEXT];
    if (!part) return false;
    if (!cd_shape_equal(part->shape, src->shape)) {
        return cd_fail(CD_ERR_SHAPE, "select_scatter: src has shape %s, and must have %s",
                       cd_sizes_text(&src->shape, text_src), cd_sizes_text(&part->shape, text));
    }
    return cd_copy_(part, src) != NULL;
}

cd_tensor *cd_select_scatter(cd_tensor *x, cd_tensor *src, int dim, int64_t index)
{
    if (!cd_check_tensor(x, "select_scatter", "x") ||
        !cd_check_tensor(src, "select_scatter", "src")) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = cd_clone(x);
    return cd_ops_end(scope,
                      y && put(cd_select_for("select_scatter", y, dim, index), src) ? y : NULL);
}

const cd_op cd_op_select_scatter = {
    .name = "select_scatter",
    .like = "torch.select_scatter(x, src, dim, index)",
    .formula = "y = x, with src at one index of a dimension",
    .gradient = "dx = dy, but 0 there; dsrc = dy there",
    .dtypes = "all; src is converted to that of x",
    .composed = true,
};
