/* Modules, for the library's own files. */
#ifndef CANDELA_NN_MODULE_INTERNAL_H
#define CANDELA_NN_MODULE_INTERNAL_H

#include "core/tensor_internal.h"
#include "nn/module.h"

/* cd_check_object for modules. */
bool cd_check_module(const cd_module *m, const char *function, const char *argument);

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
