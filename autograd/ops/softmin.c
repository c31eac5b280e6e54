/* softmin: the softmax of -x. Made of other ops, as in PyTorch. */
#include "autograd/families/activation_internal.h"

cd_tensor *cd_softmin(cd_tensor *x, int dim)
{
    if (!cd_check_tensor(x, "softmin", "x")) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_softmax(cd_neg(x), dim));
}

const cd_op cd_op_softmin = {
    .name = "softmin",
    .like = "torch.nn.functional.softmin(x, dim)",
    .formula = "y = softmax(-x)",
    .gradient = "that of neg and softmax",
    .dtypes = "floating",
    .composed = true,
};
