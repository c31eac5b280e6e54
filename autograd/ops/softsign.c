/* softsign: x over 1 + |x|. Made of other ops, as in PyTorch. */
#include "autograd/families/activation_internal.h"

cd_tensor *cd_softsign(cd_tensor *x)
{
    CD_CALLED("softsign");
    if (!cd_check_tensor(x, "softsign", "x")) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_div(x, cd_add(cd_abs(x), 1)));
}

const cd_op cd_op_softsign = {
    .name = "softsign",
    .like = "torch.nn.functional.softsign(x)",
    .formula = "y = x / (1 + |x|)",
    .gradient = "that of abs, add and div",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
