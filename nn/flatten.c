/* torch.nn.Flatten, from dimension 1 to the last. */
#include "nn/layers.h"
#include "nn/module_internal.h"

static bool flatten_forward(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = cd_flatten(a->in[0], 1, -1);
    return a->out[0];
}

static const cd_option options[] = {
    { "start_dim", .kind = CD_OPTION_CONSTANT, .text = "1" },
    { "end_dim", .kind = CD_OPTION_CONSTANT, .text = "-1" },
    CD_OPTIONS_END,
};

static cd_module *flatten_make(const void *o)
{
    (void)o;
    return cd_nn_flatten();
}

const cd_module_class cd_nn_flatten_class = { .name = "Flatten",
                                              .size = sizeof(cd_module),
                                              .inputs = 1,
                                              .forward = flatten_forward,
                                              .options = options,
                                              .make = flatten_make };

cd_module *cd_nn_flatten(void)
{
    return cd_module_new(&cd_nn_flatten_class);
}
