/* torch.nn.BatchNorm2d: batch normalisation of images, per channel. */
#include "nn/batch_norm_internal.h"

static bool batch_norm2d_forward(cd_module *m, const cd_arguments *a)
{
    return cd_batch_norm_module_forward(m, a, 4, 4, "N x C x H x W");
}

static cd_module *batch_norm2d_make(const void *o)
{
    return cd_nn_batch_norm2d_with(*(const cd_nn_batch_norm_options *)o);
}

const cd_module_class cd_nn_batch_norm2d_class = { CD_BATCH_NORM_CLASS(
    "BatchNorm2d", batch_norm2d_forward, batch_norm2d_make) };

cd_module *cd_nn_batch_norm2d_with(cd_nn_batch_norm_options o)
{
    return cd_batch_norm_module_new(&cd_nn_batch_norm2d_class, "nn_batch_norm2d", o);
}
