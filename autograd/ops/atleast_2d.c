/* atleast_2d: x with at least 2 dimensions. Made of other ops; x itself if it has as many. */
#include "autograd/families/parts_internal.h"

cd_tensor *cd_atleast_2d(cd_tensor *x)
{
    if (!cd_check_tensor(x, "atleast_2d", "x")) return NULL;
    if (x->shape.ndim == 0) return cd_view(x, CD_SHAPE(1, 1));
    if (x->shape.ndim == 1) return cd_unsqueeze(x, 0);
    return cd_hand_shared(x);
}

cd_tensors cd_atleast_2d_all(cd_tensors tensors)
{
    return cd_each_tensor("atleast_2d", tensors, cd_atleast_2d);
}

const cd_op cd_op_atleast_2d = {
    .name = "atleast_2d",
    .like = "torch.atleast_2d(x)",
    .formula = "y = x, a vector as 1 x N; a view",
    .gradient = "that of view or unsqueeze",
    .dtypes = "all",
    .composed = true,
};
