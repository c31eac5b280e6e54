/* torch.nn.BatchNorm3d: batch normalisation of volumes, per channel. */
#include "nn/batch_norm_internal.h"

static bool batch_norm3d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_batch_norm_module_forward(m, a, 5, 5, "N x C x D x H x W");
}

static cd_module *batch_norm3d_make(const void *o)
{
    return cd_nn_batch_norm3d_with(*(const cd_nn_batch_norm_options *)o);
}

const cd_module_class cd_nn_batch_norm3d_class = { CD_BATCH_NORM_CLASS(
    "BatchNorm3d", batch_norm3d_forward, batch_norm3d_make) };

cd_module *cd_nn_batch_norm3d_with(cd_nn_batch_norm_options o)
{
    return cd_batch_norm_module_new(&cd_nn_batch_norm3d_class, "nn_batch_norm3d", o);
}
