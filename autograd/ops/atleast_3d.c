/* atleast_3d: x with at least 3 dimensions. Made of other ops; x itself if it has as many. */
#include "autograd/families/parts_internal.h"

cd_tensor *cd_atleast_3d(cd_tensor *x)
{
    if (!cd_check_tensor(x, "atleast_3d", "x")) return NULL;
    if (x->shape.ndim == 0) return cd_view(x, CD_SHAPE(1, 1, 1));
    if (x->shape.ndim == 2) return cd_unsqueeze(x, 2);
    if (x->shape.ndim == 1) {
        cd_scope scope = cd_scope_begin();
        return cd_ops_end(scope, cd_unsqueeze(cd_unsqueeze(x, 0), 2));
    }
    return cd_hand_shared(x);
}

cd_tensors cd_atleast_3d_all(cd_tensors tensors)
{
    return cd_each_tensor("atleast_3d", tensors, cd_atleast_3d);
}

const cd_op cd_op_atleast_3d = {
    .name = "atleast_3d",
    .like = "torch.atleast_3d(x)",
    .formula = "y = x, a vector as 1 x N x 1, a matrix as N x M x 1; a view",
    .gradient = "that of view or unsqueeze",
    .dtypes = "all",
    .composed = true,
};
