/* flipud: x with the order along dimension 0 reversed. Made of another op: flip. */
#include "autograd/families/split_at_internal.h"

cd_tensor *cd_flipud(cd_tensor *x)
{
    return cd_check_least("flipud", x, 1) ? cd_flip(x, CD_SHAPE(0)) : NULL;
}

const cd_op cd_op_flipud = {
    .name = "flipud",
    .like = "torch.flipud(x)",
    .formula = "y[i] = x[n - 1 - i]",
    .gradient = "that of flip",
    .dtypes = "all",
    .composed = true,
};
