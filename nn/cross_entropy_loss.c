/* torch.nn.CrossEntropyLoss: log-softmax and negative log-likelihood. */
#include <math.h>

#include "nn/loss_internal.h"

static bool cross_entropy_loss_forward(cd_module *m, const cd_arguments *a)
{
    return cd_loss_forward(m, a, cd_cross_entropy_with);
}

static const cd_option options[] = {
    { "weight", CD_OPTION(cd_loss_options, weight, TENSOR), .shown = CD_SHOWN_NEVER },
    { "ignore", CD_OPTION(cd_loss_options, ignore, BOOL), .shown = CD_SHOWN_NEVER },
    { "ignore_index", CD_OPTION(cd_loss_options, ignore_index, INTEGER), .min = -INFINITY,
      .shown = CD_SHOWN_NEVER },
    { "reduction", CD_OPTION(cd_loss_options, reduction, REDUCTION), .shown = CD_SHOWN_NEVER },
    { "label_smoothing", CD_OPTION(cd_loss_options, label_smoothing, REAL), .max = 1,
      .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *cross_entropy_loss_make(const void *o)
{
    return cd_nn_cross_entropy_loss_with(*(const cd_loss_options *)o);
}

const cd_module_class cd_nn_cross_entropy_loss_class = { CD_LOSS_CLASS(
    "CrossEntropyLoss", cross_entropy_loss_forward, options, cross_entropy_loss_make) };

cd_module *cd_nn_cross_entropy_loss_with(cd_loss_options o)
{
    return cd_loss_new(&cd_nn_cross_entropy_loss_class, "nn_cross_entropy_loss", o);
}
