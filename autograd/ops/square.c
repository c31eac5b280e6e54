/* square: x * x. Made of another op, as in PyTorch: cd_pow(x, 2), so that bool becomes int64. */
#include "autograd/math.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_square(cd_tensor *x)
{
    CD_CALLED("square");
    return cd_check_tensor(x, "square", "x") ? cd_pow(x, 2) : NULL;
}

cd_tensor *cd_square_(cd_tensor *x)
{
    CD_CALLED("square_");
    return cd_check_tensor(x, "square", "x") ? cd_pow_(x, 2) : NULL;
}

const cd_op cd_op_square = {
    .name = "square",
    .like = "torch.square(x)",
    .formula = "y = x^2",
    .gradient = "that of pow",
    .dtypes = "all; bool becomes int64",
    .composed = true,
};
