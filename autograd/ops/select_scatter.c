/* select_scatter: a copy of x with src in the place of a select of it. Made of other ops: a
 * clone, and a copy into a view of it. (PyTorch's graph has one node for it,
 * SelectScatterBackward0.) */
#include "autograd/families/rearrange_internal.h"

cd_tensor *cd_select_scatter(cd_tensor *x, cd_tensor *src, int dim, int64_t index)
{
    if (!cd_check_tensor(x, "select_scatter", "x") ||
        !cd_check_tensor(src, "select_scatter", "src")) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = cd_clone(x);
    cd_tensor *part = y ? cd_select_for("select_scatter", y, dim, index) : NULL;
    return cd_ops_end(scope, cd_copy_to_part("select_scatter", part, src) ? y : NULL);
}

const cd_op cd_op_select_scatter = {
    .name = "select_scatter",
    .like = "torch.select_scatter(x, src, dim, index)",
    .formula = "y = x, with src at one index of a dimension",
    .gradient = "dx = dy, but 0 there; dsrc = dy there",
    .dtypes = "all; src is converted to that of x",
    .composed = true,
};
