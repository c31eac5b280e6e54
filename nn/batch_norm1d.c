/* torch.nn.BatchNorm1d: batch normalisation of vectors or sequences, per channel. */
#include "nn/batch_norm_internal.h"

static bool batch_norm1d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_batch_norm_module_forward(m, a, 2, 3, "N x C or N x C x L");
}

static cd_module *batch_norm1d_make(const void *o)
{
    return cd_nn_batch_norm1d_with(*(const cd_nn_batch_norm_options *)o);
}

const cd_module_class cd_nn_batch_norm1d_class = { CD_BATCH_NORM_CLASS(
    "BatchNorm1d", batch_norm1d_forward, batch_norm1d_make) };

cd_module *cd_nn_batch_norm1d_with(cd_nn_batch_norm_options o)
{
    return cd_batch_norm_module_new(&cd_nn_batch_norm1d_class, "nn_batch_norm1d", o);
}
