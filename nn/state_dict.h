/* A module's tensors as a dictionary in memory, copies of modules, and choices of parameters by
 * name. Files of tensors are read and written by io/checkpoint.h. */
#ifndef CANDELA_NN_STATE_DICT_H
#define CANDELA_NN_STATE_DICT_H

#include "nn/module.h"

CD_BEGIN_DECLS

/* --- dictionaries of tensors ------------------------------------------------------------------ */

/* Tensors by name, in the order in which the names were added. It owns its tensors. */
typedef struct cd_dict cd_dict;

/* An empty dictionary. */
CD_API cd_dict *cd_dict_new(void);
/* How many tensors there are; 0 with an error. */
CD_API int64_t cd_dict_count(const cd_dict *d);
/* Name number i, valid until the dictionary changes; NULL with CD_ERR_ARGUMENT if there is none. */
CD_API const char *cd_dict_name(const cd_dict *d, int64_t i);
/* Tensor number i. NULL as above. */
CD_API cd_tensor *cd_dict_at(cd_dict *d, int64_t i);
/* Whether there is a tensor of this name. */
CD_API bool cd_dict_has(const cd_dict *d, const char *name);
/* The tensor of this name; NULL with CD_ERR_ARGUMENT if there is none. */
CD_API cd_tensor *cd_dict_get(cd_dict *d, const char *name);
/* Adds a tensor at the end, or replaces the one of this name. */
CD_API bool cd_dict_set(cd_dict *d, const char *name, cd_tensor *t);
/* Takes the tensor of this name out. CD_ERR_ARGUMENT if there is none. */
CD_API bool cd_dict_remove(cd_dict *d, const char *name);

/* torch.nn.Module.state_dict: the parameters and buffers of m and of the modules below it,
 * detached, under their names, "layer1.0.conv1.weight". They share memory with the module's, so
 * they change when it is trained: cd_clone what is to stay as it is. */
CD_API cd_dict *cd_state_dict(cd_module *m);

/* torch.nn.Module.load_state_dict: copies the dictionary's tensors to the module's of the same
 * names, into their dtypes and devices. Every name of the module must be in the dictionary, and
 * every name of the dictionary in the module; else CD_ERR_FORMAT, with the names. With .partial
 * (PyTorch's strict=False) names need not fit, but shapes must: CD_ERR_SHAPE. On failure nothing
 * has changed. */
typedef struct cd_load_dict_options {
    cd_module *module;
    cd_dict *dict;
    CD_GUARD_;
    bool partial;
    cd_dict *missing; /* gets the module's tensors that are not in the dictionary; default NULL */
    cd_dict
        *unexpected; /* gets the dictionary's tensors that are not in the module; default NULL */
} cd_load_dict_options;

CD_API bool cd_load_state_dict_with(cd_load_dict_options options);
#define cd_load_state_dict(module_, ...)                                                           \
    cd_load_state_dict_with((cd_load_dict_options){ .module = module_, .dict = __VA_ARGS__ })

/* --- copies, dtypes --------------------------------------------------------------------------- */

/* copy.deepcopy(m): a module of the same class, with copies of all parameters, buffers and modules
 * below it, in the same modes. What m has under two names is one in the copy too. The parameters of
 * the copy have no gradients. Fields of a struct of your own that were not registered are copied as
 * they are, so a pointer among them leads to what it did before; a class with a destroy function,
 * by which such a field would be freed twice, is CD_ERR_UNSUPPORTED. Hooks are not copied, unlike
 * in PyTorch: their `user` has one owner. */
CD_API cd_module *cd_module_copy(cd_module *m);

/* torch.nn.Module.to(dtype), .double(), .float(): converts the floating parameters, their gradients
 * and the floating buffers of m and of all modules below it; whole numbers stay. The cd_tensors
 * stay the same objects. All are converted, or none. CD_ERR_DTYPE if the dtype is not floating. As
 * with cd_module_to, make optimizers afterwards. */
CD_API bool cd_module_to_dtype(cd_module *m, cd_dtype dtype);

/* --- by name ---------------------------------------------------------------------------------- */

/* for n, p in m.named_parameters(): if fnmatch(n, pattern): p.requires_grad_(False). A pattern is
 * one of fnmatch(3), "layer4.*" or "*.bias", in which * is any text, dots included;
 * cd_optimizer_group takes the same. The parameters lose their gradients. Modules stay in their
 * modes: batch norm goes on to update its statistics, unlike with cd_freeze(cd_module_get(m,
 * "layer4")). Returns how many parameters have such names; 0 with CD_ERR_ARGUMENT if none has. */
CD_API int64_t cd_freeze_matching(cd_module *m, const char *pattern);
/* The other way: the floating parameters with such names require gradients again. */
CD_API int64_t cd_unfreeze_matching(cd_module *m, const char *pattern);

/* Runs model on x and returns the output of the module below it that is at this path,
 * cd_features(model, x, "layer4"): the last one, if the module is called several times. NULL with
 * CD_ERR_ARGUMENT if there is no such module, or if it was not called. */
CD_API cd_tensor *cd_features(cd_module *model, cd_tensor *x, const char *path);

CD_END_DECLS

#endif
