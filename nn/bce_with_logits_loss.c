/* torch.nn.BCEWithLogitsLoss: binary cross entropy of logits. */
#include "nn/loss_internal.h"

static bool bce_with_logits_loss_forward(cd_module *m, const cd_arguments *a)
{
    return cd_loss_forward(m, a, cd_binary_cross_entropy_with_logits_with);
}

static const cd_option options[] = {
    { "weight", CD_OPTION(cd_loss_options, weight, TENSOR), .shown = CD_SHOWN_NEVER },
    { "pos_weight", CD_OPTION(cd_loss_options, pos_weight, TENSOR), .shown = CD_SHOWN_NEVER },
    { "reduction", CD_OPTION(cd_loss_options, reduction, REDUCTION), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *bce_with_logits_loss_make(const void *o)
{
    return cd_nn_bce_with_logits_loss_with(*(const cd_loss_options *)o);
}

const cd_module_class cd_nn_bce_with_logits_loss_class = { CD_LOSS_CLASS(
    "BCEWithLogitsLoss", bce_with_logits_loss_forward, options, bce_with_logits_loss_make) };

cd_module *cd_nn_bce_with_logits_loss_with(cd_loss_options o)
{
    return cd_loss_new(&cd_nn_bce_with_logits_loss_class, "nn_bce_with_logits_loss", o);
}
