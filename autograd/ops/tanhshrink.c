/* tanhshrink: x less its tanh. Made of other ops, as in PyTorch. */
#include "autograd/families/activation_internal.h"

cd_tensor *cd_tanhshrink(cd_tensor *x)
{
    if (!cd_check_tensor(x, "tanhshrink", "x")) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_sub(x, cd_tanh(x)));
}

const cd_op cd_op_tanhshrink = {
    .name = "tanhshrink",
    .like = "torch.nn.functional.tanhshrink(x)",
    .formula = "y = x - tanh(x)",
    .gradient = "that of tanh and sub",
    .dtypes = "all; integers and bool become float32",
    .composed = true,
};
