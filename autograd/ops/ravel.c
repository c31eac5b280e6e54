/* ravel: all elements as a vector, row by row: a view, of a copy if x is not contiguous. Made of
 * other ops. */
#include "autograd/ops_internal.h"

cd_tensor *cd_ravel(cd_tensor *x)
{
    if (!cd_check_tensor(x, "ravel", "x")) return NULL;
    if (x->contiguous) return cd_view(x, CD_SHAPE(x->numel));
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_view(cd_contiguous(x), CD_SHAPE(x->numel)));
}

const cd_op cd_op_ravel = {
    .name = "ravel",
    .like = "torch.ravel(x)",
    .formula = "y = x as a vector",
    .gradient = "that of view, and of clone",
    .dtypes = "all",
    .composed = true,
};
