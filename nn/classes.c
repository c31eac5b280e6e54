/* The list of the library's module classes, made from modules.def, and the checks of a class. A new
 * class needs no change here. */
#include <string.h>

#include "nn/module_internal.h"

const cd_module_class *const cd_module_classes[] = {
#define CD_MODULE(name_) &cd_nn_##name_##_class,
#include "nn/modules.def"
#undef CD_MODULE
    NULL,
};

const cd_module_class *cd_find_module_class(const char *name)
{
    for (const cd_module_class *const *c = cd_module_classes; *c; c++) {
        if (strcmp((*c)->name, name) == 0) return *c;
    }
    return NULL;
}

const char *cd_module_class_fault(const cd_module_class *c)
{
    if (!c || !c->name || !*c->name) return "a class needs a name";
    if (!c->forward) return "a class needs a forward function";
    if (c->size < sizeof(cd_module) || c->size > UINT32_MAX) {
        return "a class needs the size of a struct that begins with a cd_module";
    }
    if (c->inputs < 0 || c->outputs < 0 || c->outputs > CD_MODULE_OUTPUTS) {
        return "a class has 0 or more inputs and at most 8 outputs";
    }
    if (!c->options) return NULL;
    return cd_class_options_fault(c->options, c->options_at, c->options_bytes, c->size);
}

/* A class of the list is found by its name and makes modules from options: it needs a `make`
 * function, and a name that no other class has. */
static const char *listed_fault(const cd_module_class *const *classes, int i)
{
    const char *fault = cd_module_class_fault(classes[i]);
    if (fault) return fault;
    if (!classes[i]->make) return "a class of the list needs a function that makes a module";
    for (int k = 0; k < i; k++) {
        if (strcmp(classes[k]->name, classes[i]->name) == 0) return "two classes have one name";
    }
    return NULL;
}

const char *cd_module_classes_fault(const cd_module_class *const *classes)
{
    const char *fault = NULL;
    for (int i = 0; classes[i] && !fault; i++) fault = listed_fault(classes, i);
    return fault;
}

const void *cd_module_options(const cd_module *m)
{
    const cd_module_class *c = m->class_;
    return c->options && c->options_bytes > 0 ? (const char *)m + c->options_at : NULL;
}
