/* alpha_dropout: elements that are dropped, with probability p, become -alpha = -1.758..., to which
 * SELU tends. A scale a and a shift then bring mean and variance back to 0 and 1.
 *
 * With p = 1 the result is x times 0. Saves the noise. Kernels: core/random_draw.c, and mul and add
 * of core/cpu/. */
#include "autograd/families/dropout_internal.h"

cd_tensor *cd_alpha_dropout_with(cd_dropout_options o)
{
    return cd_dropout_call(&cd_op_alpha_dropout, "alpha_dropout", &o, 0, false);
}

cd_tensor *cd_alpha_dropout_with_(cd_dropout_options o)
{
    return cd_dropout_call(&cd_op_alpha_dropout, "alpha_dropout", &o, 0, true);
}

const cd_op cd_op_alpha_dropout = {
    .name = "alpha_dropout",
    .grad_fn = "AddBackward0",
    .like = "torch.nn.functional.alpha_dropout(x, p, training=True)",
    .formula = "y = a (x kept + alpha (kept - 1 + p)), with kept 0 with probability p, else 1, and "
               "a = 1 / sqrt((alpha^2 p + 1) (1 - p))",
    .gradient = "dx = dy a kept",
    CD_DROPOUT_OP,
    .cpu = { .workspace = cd_alpha_dropout_workspace, .run = cd_run_alpha_dropout },
};
