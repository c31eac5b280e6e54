/* torch.nn.MSELoss: the mean of (input - target)^2. */
#include "nn/loss_internal.h"

static bool mse_loss_forward(cd_module *m, const cd_arguments *a)
{
    return cd_loss_forward(m, a, cd_mse_loss_with);
}

static const cd_option options[] = {
    { "reduction", CD_OPTION(cd_loss_options, reduction, REDUCTION), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *mse_loss_make(const void *o)
{
    return cd_nn_mse_loss_with(*(const cd_loss_options *)o);
}

const cd_module_class cd_nn_mse_loss_class = { CD_LOSS_CLASS("MSELoss", mse_loss_forward, options,
                                                             mse_loss_make) };

cd_module *cd_nn_mse_loss_with(cd_loss_options o)
{
    return cd_loss_new(&cd_nn_mse_loss_class, "nn_mse_loss", o);
}
