/* expand_as: expand to the shape of another tensor. Made of another op. */
#include "autograd/ops_internal.h"

cd_tensor *cd_expand_as(cd_tensor *x, cd_tensor *other)
{
    CD_CALLED("expand_as");
    if (!cd_check_tensor(x, "expand_as", "x") || !cd_check_tensor(other, "expand_as", "other"))
        return NULL;
    return cd_expand(x, other->shape);
}

const cd_op cd_op_expand_as = {
    .name = "expand_as",
    .like = "x.expand_as(other)",
    .formula = "y = x in the shape of other, by expand",
    .gradient = "that of expand",
    .dtypes = "all",
    .composed = true,
};
