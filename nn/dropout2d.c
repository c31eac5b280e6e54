/* torch.nn.Dropout2d: in training, planes of N x C x H x W become 0 with probability p. */
#include "nn/dropout_internal.h"

static bool dropout2d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_dropout_module_forward(m, a, cd_dropout2d_with, cd_dropout2d_with_);
}

static cd_module *dropout2d_make(const void *o)
{
    return cd_nn_dropout2d_with(*(const cd_nn_dropout_options *)o);
}

const cd_module_class cd_nn_dropout2d_class = { CD_DROPOUT_CLASS("Dropout2d", dropout2d_forward,
                                                                 dropout2d_make) };

cd_module *cd_nn_dropout2d_with(cd_nn_dropout_options o)
{
    return cd_dropout_module_new(&cd_nn_dropout2d_class, "nn_dropout2d", o);
}
