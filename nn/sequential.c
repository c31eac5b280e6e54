/* torch.nn.Sequential: modules called one after the other. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

/* Drops every tensor between two children, but not the caller's input. A hook may change the
 * children: so they are counted again before each call, and the one that is called is owned. */
static bool sequential_forward(cd_module *m, const cd_arguments *a)
{
    cd_tensor *x = a->in[0];
    for (int i = 0; x && i < cd_module_child_count(m); i++) {
        cd_module *child = cd_module_child(m, i);
        cd_object_own((cd_object *)(void *)child);
        /* The module's own input is the caller's, and stays. */
        x = x == a->in[0] ? cd_forward(child, x) : cd_forward_drop(child, x);
        cd_object_disown((cd_object *)(void *)child);
    }
    a->out[0] = x;
    return x;
}

static cd_module *sequential_make(const void *o)
{
    (void)o;
    return cd_nn_sequential_n(NULL, 0);
}

const cd_module_class cd_nn_sequential_class = { .name = "Sequential",
                                                 .size = sizeof(cd_module),
                                                 .inputs = 1,
                                                 .forward = sequential_forward,
                                                 .make = sequential_make };

cd_module *cd_nn_sequential_n(cd_module *const *modules, int count)
{
    return cd_module_numbered(&cd_nn_sequential_class, "nn_sequential", modules, count);
}
