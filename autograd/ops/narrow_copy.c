/* narrow_copy: a copy of a part of one dimension. Made of other ops. */
#include "autograd/ops_internal.h"

cd_tensor *cd_narrow_copy(cd_tensor *x, int dim, int64_t start, int64_t length)
{
    CD_CALLED("narrow_copy");
    if (!cd_check_tensor(x, "narrow_copy", "x")) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_clone(cd_narrow(x, dim, start, length)));
}

const cd_op cd_op_narrow_copy = {
    .name = "narrow_copy",
    .like = "torch.narrow_copy(x, dim, start, length)",
    .formula = "y = x[start : start + length] along one dimension",
    .gradient = "that of slice and clone",
    .dtypes = "all",
    .composed = true,
};
