/* Modules that hold modules or parameters, by number or by name. Each function returns a new module
 * that belongs to the open scope, or NULL with an error. cd_nn_sequential_n(NULL, 0) and the like
 * make one that is empty. What it holds is added by the functions at the end. */
#ifndef CANDELA_NN_CONTAINERS_H
#define CANDELA_NN_CONTAINERS_H

#include "nn/module.h"

CD_BEGIN_DECLS

/* torch.nn.Sequential: calls its children in order, each with the output of the one before. The
 * children are named "0", "1", ... An output between two children is dropped as soon as the second
 * child has used it (cd_forward_drop). The message of an error of a child begins with the child's
 * name and class, as in "2 (Linear): ...". */
CD_API cd_module *cd_nn_sequential_n(cd_module *const *modules, int count);
#define cd_nn_sequential(...)                                                                      \
    cd_nn_sequential_n((cd_module *const[]){ __VA_ARGS__ },                                        \
                       (int)(sizeof((cd_module *const[]){ __VA_ARGS__ }) / sizeof(cd_module *)))

/* torch.nn.ModuleList: holds modules, named "0", "1", ..., and does not call them: the forward
 * function of the module around it does. cd_forward of a list is CD_ERR_UNSUPPORTED. */
CD_API cd_module *cd_nn_module_list_n(cd_module *const *modules, int count);
#define cd_nn_module_list(...)                                                                     \
    cd_nn_module_list_n((cd_module *const[]){ __VA_ARGS__ },                                       \
                        (int)(sizeof((cd_module *const[]){ __VA_ARGS__ }) / sizeof(cd_module *)))

/* torch.nn.ModuleDict: cd_nn_module_dict({ "conv", conv }, { "pool", pool }). Holds modules by
 * name, in the order given, and does not call them, as ModuleList. cd_register_child(dict, "name",
 * NULL, module) adds one, cd_module_get(dict, "name") returns it, cd_module_set replaces it. */
typedef struct cd_named_module {
    const char *name;
    cd_module *module;
} cd_named_module;

CD_API cd_module *cd_nn_module_dict_n(const cd_named_module *modules, int count);
#define cd_nn_module_dict(...)                                                                     \
    cd_nn_module_dict_n(                                                                           \
        (const cd_named_module[]){ __VA_ARGS__ },                                                  \
        (int)(sizeof((const cd_named_module[]){ __VA_ARGS__ }) / sizeof(cd_named_module)))

/* torch.nn.ParameterList: holds parameters, named "0", "1", ...: leaves, which are set to require
 * gradients. cd_module_tensor(list, "0") returns one. It has no forward either. */
CD_API cd_module *cd_nn_parameter_list_n(cd_tensor *const *parameters, int count);
#define cd_nn_parameter_list(...)                                                                  \
    cd_nn_parameter_list_n(                                                                        \
        (cd_tensor *const[]){ __VA_ARGS__ },                                                       \
        (int)(sizeof((cd_tensor *const[]){ __VA_ARGS__ }) / sizeof(cd_tensor *)))

/* torch.nn.ParameterDict: cd_nn_parameter_dict({ "scale", scale }). The same by name;
 * cd_register_parameter(dict, "name", NULL, tensor) adds one. */
typedef struct cd_named_parameter {
    const char *name;
    cd_tensor *parameter;
} cd_named_parameter;

CD_API cd_module *cd_nn_parameter_dict_n(const cd_named_parameter *parameters, int count);
#define cd_nn_parameter_dict(...)                                                                  \
    cd_nn_parameter_dict_n(                                                                        \
        (const cd_named_parameter[]){ __VA_ARGS__ },                                               \
        (int)(sizeof((const cd_named_parameter[]){ __VA_ARGS__ }) / sizeof(cd_named_parameter)))

/* --- children by number ----------------------------------------------------------------------- */

/* How many children m has, a module of any class; children that are NULL do not count. 0 with an
 * error. */
CD_API int cd_num_children(const cd_module *m);
/* Child number i, in the order of registration; -1 is the last. NULL with CD_ERR_ARGUMENT if there
 * is none. */
CD_API cd_module *cd_module_at(cd_module *m, int i);
/* The name of that child, "layer1"; valid while m has the child under this name. NULL as above. */
CD_API const char *cd_module_name_at(const cd_module *m, int i);

/* The next three change a Sequential or a ModuleList; in any other module children have names of
 * their own, and CD_ERR_ARGUMENT says so. An optimizer that was made before keeps the parameters
 * that it has. While an error is pending nothing changes. Insert and pop need children whose names
 * are their numbers, CD_ERR_ARGUMENT otherwise: not one that cd_register_child named "conv". */

/* As list.append(child). */
CD_API bool cd_module_append(cd_module *m, cd_module *child);
/* As list.insert(i, child) of a Python list: child gets the number i, and later ones move up. -1 is
 * the place before the last child, and the number of children is the end. */
CD_API bool cd_module_insert(cd_module *m, int i, cd_module *child);
/* As list.pop(i): takes child number i out and returns it; later ones move down. */
CD_API cd_module *cd_module_pop(cd_module *m, int i);

CD_END_DECLS

#endif
