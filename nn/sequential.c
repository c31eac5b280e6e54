#include "core/error.h"
#include "nn/module_internal.h"
#include "nn/layers.h"

/* What one step hands to the next is dropped as soon as it was used, so that without a graph at
 * most two of them exist at a time. */
static bool forward(cd_module *m, const cd_arguments *a)
{
    cd_tensor *x = a->in[0];
    int count = cd_module_child_count(m);
    for (int i = 0; i < count; i++) {
        cd_tensor *y = cd_forward(cd_module_child(m, i), x);
        if (!y) return false;
        if (x != a->in[0] && x != y) (void)cd_drop(x);
        x = y;
    }
    a->out[0] = x;
    return true;
}

static const cd_module_class sequential_class = {
    .name = "Sequential", .size = sizeof(cd_module), .inputs = 1, .forward = forward
};

cd_module *cd_nn_sequential_n(cd_module *const *modules, int count)
{
    if (count < 0 || (count > 0 && !modules)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_sequential: %d modules, and the list is %s", count,
                      modules ? "given" : "NULL");
        return NULL;
    }
    CD_SCOPE();
    cd_module *self = cd_module_new(&sequential_class);
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
