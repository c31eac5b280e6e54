/* fliplr: x with the order along dimension 1 reversed. Made of another op: flip. */
#include "autograd/families/split_at_internal.h"

cd_tensor *cd_fliplr(cd_tensor *x)
{
    return cd_check_least("fliplr", x, 2) ? cd_flip(x, CD_SHAPE(1)) : NULL;
}

const cd_op cd_op_fliplr = {
    .name = "fliplr",
    .like = "torch.fliplr(x)",
    .formula = "y[i, j] = x[i, n - 1 - j]",
    .gradient = "that of flip",
    .dtypes = "all",
    .composed = true,
};
