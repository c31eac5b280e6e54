/* torch.nn.Dropout1d: in training, rows of N x C x L become 0 with probability p. */
#include "nn/dropout_internal.h"

static bool dropout1d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_dropout_module_forward(m, a, cd_dropout1d_with, cd_dropout1d_with_);
}

static cd_module *dropout1d_make(const void *o)
{
    return cd_nn_dropout1d_with(*(const cd_nn_dropout_options *)o);
}

const cd_module_class cd_nn_dropout1d_class = { CD_DROPOUT_CLASS("Dropout1d", dropout1d_forward,
                                                                 dropout1d_make) };

cd_module *cd_nn_dropout1d_with(cd_nn_dropout_options o)
{
    return cd_dropout_module_new(&cd_nn_dropout1d_class, "nn_dropout1d", o);
}
