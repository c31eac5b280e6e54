/* celu: an elu whose slope is continuous for every alpha.
 *
 * Saves x; in place (the op celu_, with a node of its own) the result. Kernel and gradients: those
 * of elu. */
#include "autograd/families/activation_internal.h"

cd_tensor *cd_celu_with(cd_elu_options o)
{
    const double alpha = cd_option_or(o.alpha, 1);
    if (alpha == 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "celu: alpha is 0, and x is divided by it");
        return NULL;
    }
    cd_elu_numbers a = { .alpha = alpha, .scale = 1, .input_scale = 1 / alpha };
    return o.inplace ? cd_op_in_place_with(&cd_op_celu_, &a, o.x)
                     : cd_op_with(&cd_op_celu, &a, o.x);
}

const cd_op cd_op_celu = {
    .name = "celu",
    .grad_fn = "CeluBackward0",
    .like = "torch.nn.functional.celu(x, alpha=1)",
    .formula = "y = x where x > 0, else alpha (exp(x / alpha) - 1)",
    .gradient = "dx = dy where x > 0, else dy exp(x / alpha)",
    CD_ELU,
    .save = { { CD_INPUT, 0 } },
    .backward = cd_elu_backward,
};

const cd_op cd_op_celu_ = {
    .name = "celu_",
    .grad_fn = "CeluBackward1",
    .like = "torch.nn.functional.celu_(x, alpha=1)",
    .formula = "x = x where x > 0, else alpha (exp(x / alpha) - 1)",
    .gradient = "dx = dy where y > 0, else dy (y / alpha + 1); an error if alpha < 0",
    CD_ELU,
    .save = { { CD_OUTPUT, 0 } },
    .backward = cd_elu_result_backward,
};
