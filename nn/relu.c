/* torch.nn.ReLU. */
#include "nn/layers.h"
#include "nn/module_internal.h"

static bool relu_forward(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = cd_relu(a->in[0]);
    return a->out[0];
}

static cd_module *relu_make(const void *o)
{
    (void)o;
    return cd_nn_relu();
}

const cd_module_class cd_nn_relu_class = { .name = "ReLU",
                                           .size = sizeof(cd_module),
                                           .inputs = 1,
                                           .forward = relu_forward,
                                           .make = relu_make };

cd_module *cd_nn_relu(void)
{
    return cd_module_new(&cd_nn_relu_class);
}
