#include "nn/layers.h"

static bool forward(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = cd_flatten(a->in[0], 1, -1);
    return a->out[0];
}

static void describe(const cd_module *m, char *text, size_t bytes)
{
    (void)m;
    (void)snprintf(text, bytes, "start_dim=1, end_dim=-1");
}

static const cd_module_class flatten_class = { .name = "Flatten",
                                               .size = sizeof(cd_module),
                                               .inputs = 1,
                                               .forward = forward,
                                               .describe = describe };

cd_module *cd_nn_flatten(void)
{
    return cd_module_new(&flatten_class);
}
