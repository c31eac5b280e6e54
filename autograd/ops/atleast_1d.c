/* atleast_1d: x with at least 1 dimension. Made of other ops; x itself if it has as many. */
#include "autograd/families/parts_internal.h"

cd_tensor *cd_atleast_1d(cd_tensor *x)
{
    if (!cd_check_tensor(x, "atleast_1d", "x")) return NULL;
    if (x->shape.ndim == 0) return cd_view(x, CD_SHAPE(1));
    return cd_hand_shared(x);
}

cd_tensors cd_atleast_1d_all(cd_tensors tensors)
{
    return cd_each_tensor("atleast_1d", tensors, cd_atleast_1d);
}

const cd_op cd_op_atleast_1d = {
    .name = "atleast_1d",
    .like = "torch.atleast_1d(x)",
    .formula = "y = x, a scalar as a vector of one; a view",
    .gradient = "that of view or unsqueeze",
    .dtypes = "all",
    .composed = true,
};
