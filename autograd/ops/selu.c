/* selu: an elu with the numbers for which a deep network keeps mean 0 and variance 1 (Klambauer et
 * al., 2017).
 *
 * Saves x; in place (the op selu_, with a node of its own) the result. Kernel and gradients: those
 * of elu. */
#include "autograd/families/activation_internal.h"

static const cd_elu_numbers numbers = { .alpha = 1.6732632423543772848170429916717,
                                        .scale = 1.0507009873554804934193349852946,
                                        .input_scale = 1 };

cd_tensor *cd_selu(cd_tensor *x)
{
    cd_elu_numbers a = numbers;
    return cd_op_with(&cd_op_selu, &a, x);
}

cd_tensor *cd_selu_(cd_tensor *x)
{
    cd_elu_numbers a = numbers;
    return cd_op_in_place_with(&cd_op_selu_, &a, x);
}

const cd_op cd_op_selu = {
    .name = "selu",
    .grad_fn = "EluBackward0",
    .like = "torch.nn.functional.selu(x)",
    .formula = "y = scale x where x > 0, else scale alpha (exp(x) - 1)",
    .gradient = "dx = dy scale where x > 0, else dy scale alpha exp(x)",
    CD_ELU,
    .save = { { CD_INPUT, 0 } },
    .backward = cd_elu_backward,
};

const cd_op cd_op_selu_ = {
    .name = "selu_",
    .grad_fn = "EluBackward1",
    .like = "torch.nn.functional.selu_(x)",
    .formula = "x = scale x where x > 0, else scale alpha (exp(x) - 1)",
    .gradient = "dx = dy scale where y > 0, else dy (y + scale alpha)",
    CD_ELU,
    .save = { { CD_OUTPUT, 0 } },
    .backward = cd_elu_result_backward,
};
