/* torch.nn.FeatureAlphaDropout: in training, features become the limit of SELU with probability
 * p. */
#include "nn/dropout_internal.h"

static bool feature_alpha_dropout_forward(cd_module *m, const cd_arguments *a)
{
    return cd_dropout_module_forward(m, a, cd_feature_alpha_dropout_with,
                                     cd_feature_alpha_dropout_with_);
}

static cd_module *feature_alpha_dropout_make(const void *o)
{
    return cd_nn_feature_alpha_dropout_with(*(const cd_nn_dropout_options *)o);
}

const cd_module_class cd_nn_feature_alpha_dropout_class = { CD_DROPOUT_CLASS(
    "FeatureAlphaDropout", feature_alpha_dropout_forward, feature_alpha_dropout_make) };

cd_module *cd_nn_feature_alpha_dropout_with(cd_nn_dropout_options o)
{
    return cd_dropout_module_new(&cd_nn_feature_alpha_dropout_class, "nn_feature_alpha_dropout", o);
}
