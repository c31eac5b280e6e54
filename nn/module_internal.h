/* Modules, for the library's own files. */
#ifndef CANDELA_NN_MODULE_INTERNAL_H
#define CANDELA_NN_MODULE_INTERNAL_H

#include "core/tensor_internal.h"
#include "nn/module.h"
#include "nn/option_internal.h"

/* cd_check_object for modules. */
bool cd_check_module(const cd_module *m, const char *function, const char *argument);

enum { CD_MODULE_OUTPUTS = 8 }; /* the most that a class may give */

/* --- classes ---------------------------------------------------------------------------------- */

/* The library's classes, each defined in the file that modules.def names. */
#define CD_MODULE(name_) extern const cd_module_class cd_nn_##name_##_class;
#include "nn/modules.def"
#undef CD_MODULE

/* All of them, in the order of modules.def; ends with NULL. */
extern const cd_module_class *const cd_module_classes[];

/* By the name that it is printed with, "Linear"; NULL when there is none. */
const cd_module_class *cd_find_module_class(const char *name);

/* What is wrong with a class, or with a list of classes that ends with NULL, as a sentence for
 * programmers: a missing function, a name twice. NULL when nothing is. */
const char *cd_module_class_fault(const cd_module_class *class_);
const char *cd_module_classes_fault(const cd_module_class *const *classes);

/* The options that m was made with, within m; NULL where its class has none. */
const void *cd_module_options(const cd_module *m);

/* --- calling ---------------------------------------------------------------------------------- */

/* Runs the forward function between its hooks; the outputs belong to the scope that is open. False
 * with an error. */
bool cd_module_run(cd_module *m, const cd_arguments *a);
/* Removes all hooks. */
void cd_module_clear_hooks(cd_module *m);

/* How many children m has itself, absent ones left out. */
int cd_module_child_count(const cd_module *m);

/* The i-th of them, borrowed; NULL when there are not as many. */
cd_module *cd_module_child(const cd_module *m, int i);

/* Tensors, borrowed; the array is the caller's, to be given back with cd_free. */
typedef struct cd_tensor_list {
    cd_tensor **tensor;
    int64_t count, room;
} cd_tensor_list;

/* Every parameter of m and below once, in order. False, and an empty list, on failure. */
bool cd_module_parameters(cd_module *m, cd_tensor_list *list);

#endif
