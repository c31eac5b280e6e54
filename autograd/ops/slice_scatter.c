/* slice_scatter: a copy of x with src in the place of a slice of it. Made of other ops: a clone,
 * and a copy into a view of it. (PyTorch's graph has one node for it, SliceScatterBackward0.) */
#include "autograd/families/rearrange_internal.h"

cd_tensor *cd_slice_scatter(cd_tensor *x, cd_tensor *src, int dim, int64_t from, int64_t to,
                            int64_t step)
{
    if (!cd_check_tensor(x, "slice_scatter", "x") ||
        !cd_check_tensor(src, "slice_scatter", "src")) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = cd_clone(x);
    cd_tensor *part = y ? cd_slice_for("slice_scatter", y, dim, from, to, step) : NULL;
    return cd_ops_end(scope, cd_copy_to_part("slice_scatter", part, src) ? y : NULL);
}

const cd_op cd_op_slice_scatter = {
    .name = "slice_scatter",
    .like = "torch.slice_scatter(x, src, dim, from, to, step)",
    .formula = "y = x, with src at x[from:to:step] along one dimension",
    .gradient = "dx = dy, but 0 there; dsrc = dy there",
    .dtypes = "all; src is converted to that of x",
    .composed = true,
};
