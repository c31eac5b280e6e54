/* torch.nn.Dropout: in training, elements become 0 with probability p. */
#include "nn/dropout_internal.h"

static bool dropout_forward(cd_module *m, const cd_arguments *a)
{
    return cd_dropout_module_forward(m, a, cd_dropout_with, cd_dropout_with_);
}

static cd_module *dropout_make(const void *o)
{
    return cd_nn_dropout_with(*(const cd_nn_dropout_options *)o);
}

const cd_module_class cd_nn_dropout_class = { CD_DROPOUT_CLASS("Dropout", dropout_forward,
                                                               dropout_make) };

cd_module *cd_nn_dropout_with(cd_nn_dropout_options o)
{
    return cd_dropout_module_new(&cd_nn_dropout_class, "nn_dropout", o);
}
