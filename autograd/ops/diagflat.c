/* diagflat: a matrix of zeros with all elements of x on a diagonal. Made of other ops: a view of x
 * as a vector, and diag_embed. */
#include "autograd/ops_internal.h"

cd_tensor *cd_diagflat(cd_tensor *x, int64_t offset)
{
    CD_CALLED("diagflat");
    if (!cd_check_tensor(x, "diagflat", "x")) return NULL;
    const cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    cd_tensor *vector = cd_reshape(x, CD_SHAPE(x->numel));
    return cd_ops_end(scope, vector ? cd_diag_embed(vector, offset, 0, 1) : NULL);
}

const cd_op cd_op_diagflat = {
    .name = "diagflat",
    .like = "torch.diagflat(x, offset)",
    .formula = "y = zeros with the elements of x on a diagonal",
    .gradient = "that of diag_embed",
    .dtypes = "all",
    .composed = true,
};
