/* softmin: the softmax of -x. Made of other ops, as in PyTorch: x is negated in its own dtype, and
 * converted by the softmax. */
#include "autograd/families/activation_internal.h"

cd_tensor *cd_softmin_with(cd_softmax_options options)
{
    CD_CALLED("softmin");
    if (!cd_check_tensor(options.x, "softmin", "x")) return NULL;
    cd_scope scope = cd_scope_begin();
    options.x = cd_neg(options.x);
    return cd_ops_end(scope, options.x ? cd_softmax_with(options) : NULL);
}

const cd_op cd_op_softmin = {
    .name = "softmin",
    .like = "torch.nn.functional.softmin(x, dim, dtype)",
    .formula = "y = softmax(-x)",
    .gradient = "that of neg and softmax",
    .dtypes = "floating; others with .dtype",
    .composed = true,
};
