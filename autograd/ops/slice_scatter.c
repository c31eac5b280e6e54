/* slice_scatter: a copy of x with src in the place of a slice of it. Made of other ops: a clone, and a copy
 * into a view of it. (PyTorch's graph has one node for it, SliceScatterBackward0.) */
#include "autograd/ops_internal.h"

static bool put(cd_tensor *part, cd_tensor *src)
{
    char text[CD_SHAPE_TEXT], text_src[CD_SHAPE_TEXT];
    if (!part) return false;
    if (!cd_shape_equal(part->shape, src->shape)) {
        return cd_fail(CD_ERR_SHAPE, "slice_scatter: src has shape %s, and must have %s",
                       cd_sizes_text(&src->shape, text_src), cd_sizes_text(&part->shape, text));
    }
    return cd_copy_(part, src) != NULL;
}

cd_tensor *cd_slice_scatter(cd_tensor *x, cd_tensor *src, int dim, int64_t from, int64_t to,
                            int64_t step)
{
    if (!cd_check_tensor(x, "slice_scatter", "x") ||
        !cd_check_tensor(src, "slice_scatter", "src")) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = cd_clone(x);
    return cd_ops_end(
        scope, y && put(cd_slice_for("slice_scatter", y, dim, from, to, step), src) ? y : NULL);
}

const cd_op cd_op_slice_scatter = {
    .name = "slice_scatter",
    .like = "torch.slice_scatter(x, src, dim, from, to, step)",
    .formula = "y = x, with src at x[from:to:step] along one dimension",
    .gradient = "dx = dy, but 0 there; dsrc = dy there",
    .dtypes = "all; src is converted to that of x",
    .composed = true,
};
