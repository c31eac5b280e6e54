/* ModuleList, ModuleDict, ParameterList and ParameterDict, which only hold what they are given. */
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

static bool list_forward(cd_module *m, const cd_arguments *a)
{
    (void)a;
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "forward: a %s only holds modules: call them one by one, as in "
                   "cd_forward(cd_module_at(list, 0), x), or make a Sequential of them",
                   m->class_->name);
}

static bool dict_forward(cd_module *m, const cd_arguments *a)
{
    (void)a;
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "forward: a %s only holds modules: call the one that you mean, as in "
                   "cd_forward(cd_module_get(dict, \"name\"), x)",
                   m->class_->name);
}

static bool parameters_forward(cd_module *m, const cd_arguments *a)
{
    (void)a;
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "forward: a %s only holds parameters: use them in ops, as in "
                   "cd_mul(x, cd_module_tensor(m, \"%s\"))",
                   m->class_->name, m->class_ == &cd_nn_parameter_list_class ? "0" : "name");
}

/* What a class is made with is not among its options, so `make` makes an empty one. */
#define CONTAINER(name_, printed_, forward_)                                                       \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        (void)o;                                                                                   \
        return cd_nn_##name_##_n(NULL, 0);                                                         \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = {                                                \
        .name = (printed_), .size = sizeof(cd_module), .forward = (forward_), .make = name_##_make \
    };
CONTAINER(module_list, "ModuleList", list_forward)
CONTAINER(module_dict, "ModuleDict", dict_forward)
CONTAINER(parameter_list, "ParameterList", parameters_forward)
CONTAINER(parameter_dict, "ParameterDict", parameters_forward)

/* An empty module of the class, for `count` values in a list that must not be NULL then. */
static cd_module *begin(const cd_module_class *class_, const char *function, const char *what,
                        const void *list, int count)
{
    if (count >= 0 && (count == 0 || list)) return cd_module_new(class_);
    (void)cd_fail(CD_ERR_ARGUMENT, "%s: %d %s%s", function, count, what,
                  count < 0 ? ", and the count must be 0 or more"
                            : ", and the list is NULL: it may be NULL only for a count of 0");
    return NULL;
}

cd_module *cd_module_numbered(const cd_module_class *class_, const char *function,
                              cd_module *const *modules, int count)
{
    CD_SCOPE();
    cd_module *self = begin(class_, function, "modules", modules, count);
    for (int i = 0; self && i < count; i++) {
        char argument[32];
        (void)snprintf(argument, sizeof argument, "module %d", i);
        if (!cd_check_module(modules[i], function, argument) || !cd_module_append(self, modules[i]))
            return NULL;
    }
    return cd_escape(self);
}

cd_module *cd_nn_module_list_n(cd_module *const *modules, int count)
{
    return cd_module_numbered(&cd_nn_module_list_class, "nn_module_list", modules, count);
}

cd_module *cd_nn_module_dict_n(const cd_named_module *modules, int count)
{
    static const char function[] = "nn_module_dict";
    CD_SCOPE();
    cd_module *self = begin(&cd_nn_module_dict_class, function, "modules", modules, count);
    for (int i = 0; self && i < count; i++) {
        if (!cd_check_module(modules[i].module, function, "a module") ||
            !cd_register_child(self, modules[i].name, NULL, modules[i].module)) {
            return NULL;
        }
    }
    return cd_escape(self);
}

/* The last step, which cannot fail: so a call that fails leaves all tensors as they were. */
static cd_module *with_gradients(cd_module *self)
{
    for (int32_t i = 0; self && i < self->count_; i++) {
        cd_tensor *t = cd_module_value(&self->entries_[i]);
        if (cd_dtype_is_floating(t->dtype) && !cd_set_requires_grad(t, true)) return NULL;
    }
    return cd_escape(self);
}

cd_module *cd_nn_parameter_list_n(cd_tensor *const *parameters, int count)
{
    static const char function[] = "nn_parameter_list";
    CD_SCOPE();
    cd_module *self = begin(&cd_nn_parameter_list_class, function, "parameters", parameters, count);
    for (int i = 0; self && i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", i);
        if (!cd_check_tensor(parameters[i], function, "a parameter") ||
            !cd_module_add_parameter(self, name, NULL, parameters[i])) {
            return NULL;
        }
    }
    return with_gradients(self);
}

cd_module *cd_nn_parameter_dict_n(const cd_named_parameter *parameters, int count)
{
    static const char function[] = "nn_parameter_dict";
    CD_SCOPE();
    cd_module *self = begin(&cd_nn_parameter_dict_class, function, "parameters", parameters, count);
    for (int i = 0; self && i < count; i++) {
        if (!cd_check_tensor(parameters[i].parameter, function, "a parameter") ||
            !cd_module_add_parameter(self, parameters[i].name, NULL, parameters[i].parameter)) {
            return NULL;
        }
    }
    return with_gradients(self);
}
