/* feature_alpha_dropout: alpha_dropout of whole features of x, N x C x ...
 *
 * Saves the noise, a number for each feature. Kernels: core/random_draw.c, and mul and add of
 * core/cpu/. */
#include "autograd/families/dropout_internal.h"

cd_tensor *cd_feature_alpha_dropout_with(cd_dropout_options o)
{
    return cd_dropout_call(&cd_op_feature_alpha_dropout, "feature_alpha_dropout", &o, 2, false);
}

cd_tensor *cd_feature_alpha_dropout_with_(cd_dropout_options o)
{
    return cd_dropout_call(&cd_op_feature_alpha_dropout, "feature_alpha_dropout", &o, 2, true);
}

const cd_op cd_op_feature_alpha_dropout = {
    .name = "feature_alpha_dropout",
    .grad_fn = "AddBackward0",
    .like = "torch.nn.functional.feature_alpha_dropout(x, p, training=True)",
    .formula = "as alpha_dropout, with one number `kept` for all x[n,c,...]",
    .gradient = "dx = dy a kept",
    CD_DROPOUT_OP,
    .cpu = { .workspace = cd_alpha_dropout_workspace, .run = cd_run_alpha_dropout },
};
