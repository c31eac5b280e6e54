/* reshape_as: reshape to the shape of another tensor. Made of another op. */
#include "autograd/ops_internal.h"

cd_tensor *cd_reshape_as(cd_tensor *x, cd_tensor *other)
{
    CD_CALLED("reshape_as");
    if (!cd_check_tensor(x, "reshape_as", "x") || !cd_check_tensor(other, "reshape_as", "other"))
        return NULL;
    return cd_reshape_for("reshape_as", x, other->shape);
}

const cd_op cd_op_reshape_as = {
    .name = "reshape_as",
    .like = "x.reshape_as(other)",
    .formula = "y = x in the shape of other, by reshape",
    .gradient = "that of reshape",
    .dtypes = "all",
    .composed = true,
};
