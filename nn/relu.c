#include "nn/layers.h"

static bool forward(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = cd_relu(a->in[0]);
    return a->out[0];
}

static const cd_module_class relu_class = {
    .name = "ReLU", .size = sizeof(cd_module), .inputs = 1, .forward = forward
};

cd_module *cd_nn_relu(void)
{
    return cd_module_new(&relu_class);
}
