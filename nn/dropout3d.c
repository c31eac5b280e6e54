/* torch.nn.Dropout3d: in training, volumes of N x C x D x H x W become 0 with probability p. */
#include "nn/dropout_internal.h"

static bool dropout3d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_dropout_module_forward(m, a, cd_dropout3d_with, cd_dropout3d_with_);
}

static cd_module *dropout3d_make(const void *o)
{
    return cd_nn_dropout3d_with(*(const cd_nn_dropout_options *)o);
}

const cd_module_class cd_nn_dropout3d_class = { CD_DROPOUT_CLASS("Dropout3d", dropout3d_forward,
                                                                 dropout3d_make) };

cd_module *cd_nn_dropout3d_with(cd_nn_dropout_options o)
{
    return cd_dropout_module_new(&cd_nn_dropout3d_class, "nn_dropout3d", o);
}
