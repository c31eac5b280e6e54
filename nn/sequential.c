/* torch.nn.Sequential: modules called one after the other. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

/* Drops every tensor between two children, but not the caller's input. */
static bool sequential_forward(cd_module *m, const cd_arguments *a)
{
    cd_tensor *x = a->in[0];
    const int count = cd_module_child_count(m);
    for (int i = 0; i < count && x; i++) {
        cd_module *child = cd_module_child(m, i);
        /* The module's own input is the caller's, and stays. */
        x = x == a->in[0] ? cd_forward(child, x) : cd_forward_drop(child, x);
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
    if (count < 0 || (count > 0 && !modules)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_sequential: %d modules, and the list is %s", count,
                      modules ? "given" : "NULL");
        return NULL;
    }
    CD_SCOPE();
    cd_module *self = cd_module_new(&cd_nn_sequential_class);
    if (!self) return NULL;
    for (int i = 0; i < count; i++) {
        char name[16], argument[32];
        (void)snprintf(name, sizeof name, "%d", i);
        (void)snprintf(argument, sizeof argument, "module %d", i);
        if (!cd_check_module(modules[i], "nn_sequential", argument) ||
            !cd_register_child(self, name, NULL, modules[i])) {
            return NULL;
        }
    }
    return cd_escape(self);
}
