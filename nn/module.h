/* Modules: named tensors and children, and a forward function.
 *
 * A module registers its parameters, buffers and children under names when it is made, and that is
 * the only list: saving, loading, counting, freezing, optimizing and printing all walk it.
 *
 * A module of your own is a struct whose first member is a cd_module:
 *
 *     typedef struct scaled { cd_module module; cd_module *inner; cd_tensor *scale; } scaled;
 *
 *     static bool forward(cd_module *m, const cd_arguments *a)
 *     {
 *         scaled *self = (scaled *)m;
 *         a->out[0] = cd_mul(cd_forward(self->inner, a->in[0]), self->scale);
 *         return a->out[0];
 *     }
 *     static const cd_module_class scaled_class = {
 *         .name = "Scaled", .size = sizeof(scaled), .inputs = 1, .forward = forward
 *     };
 *
 *     scaled *self = (scaled *)cd_module_new(&scaled_class);
 *     if (self) {
 *         cd_register_child(&self->module, "inner", &self->inner, cd_nn_linear(3, 4));
 *         cd_register_parameter(&self->module, "scale", &self->scale, cd_ones(CD_SCALAR));
 *     }
 */
#ifndef CANDELA_NN_MODULE_H
#define CANDELA_NN_MODULE_H

#include <stdio.h>

#include "autograd/graph.h"
#include "autograd/ops.h"
#include "nn/option.h"

CD_BEGIN_DECLS

typedef struct cd_module cd_module;

/* What a forward function is called with. It fills out[0] to out[outputs - 1]. */
typedef struct cd_arguments {
    cd_tensor *const *in;
    cd_tensor **out;
    int inputs, outputs;
} cd_arguments;

typedef struct cd_module_class {
    const char *name; /* as it is printed: "Linear" */
    size_t size;      /* of the struct that begins with a cd_module */
    int inputs;       /* how many forward takes; 0: any number from 1 on */
    int outputs;      /* how many it gives, at most 8; 0 means 1 */
    /* False, with an error set, on failure. Runs in a scope of its own, out of which its outputs
     * are handed; cd_is_training tells the mode. */
    bool (*forward)(cd_module *m, const cd_arguments *arguments);
    /* The options that it was made with (nn/option.h), and where its struct holds them: see
     * CD_CLASS_OPTIONS. They are what is printed between the parentheses. NULL: it has none. */
    const cd_option *options;
    size_t options_at, options_bytes;
    /* Makes a module of these options, for whoever reads them from a file. A class whose children
     * are its callers', such as Sequential, makes an empty one. NULL: it is only made by a call. */
    cd_module *(*make)(const void *options);
    /* What is printed between the parentheses instead ("in_features=3, out_features=4, bias=True"),
     * cut to `bytes`. snprintf writes a decimal point here whatever setlocale was told. */
    void (*describe)(const cd_module *m, char *text, size_t bytes);
    /* Frees what the struct holds beside its registered tensors and children; NULL: nothing. */
    void (*destroy)(cd_module *m);
} cd_module_class;

/* In a class: the table of its options, which its struct holds in this member. */
#define CD_CLASS_OPTIONS(struct_, member_, table_)                                                 \
    .options = (table_), .options_at = offsetof(struct_, member_),                                 \
    .options_bytes = sizeof(((struct_ *)NULL)->member_)

/* The library's part. Look at it through functions. */
struct cd_module {
    uint64_t object_[6];
    const cd_module_class *class_;
    struct cd_module_entry *entries_;
    void *hooks_;
    int32_t count_, room_;
    bool training_, frozen_;
};

/* A zeroed struct of class->size bytes, in training mode, with nothing registered. */
CD_API cd_module *cd_module_new(const cd_module_class *class_);

/* Registers a value under a name that is new to the module, holds no dot and is not empty. The
 * module keeps it, and *slot, a field of the struct, follows it when it is replaced; slot may be
 * NULL. A NULL value that follows no error (a layer without bias) registers an absent one. A
 * parameter is set to require gradients when it is floating. A child must not contain the module.
 */
CD_API bool cd_register_parameter(cd_module *m, const char *name, cd_tensor **slot,
                                  cd_tensor *value);
CD_API bool cd_register_buffer(cd_module *m, const char *name, cd_tensor **slot, cd_tensor *value);
CD_API bool cd_register_child(cd_module *m, const char *name, cd_module **slot, cd_module *child);

/* --- calling ---------------------------------------------------------------------------------- */

/* cd_forward(model, x), cd_forward(loss, prediction, target): the first output. */
CD_API cd_tensor *cd_forward_with(cd_module *m, cd_tensor *const *in, int inputs);
#define cd_forward(m_, ...)                                                                        \
    cd_forward_with((m_), (cd_tensor *const[]){ __VA_ARGS__ },                                     \
                    (int)(sizeof((cd_tensor *const[]){ __VA_ARGS__ }) / sizeof(cd_tensor *)))
/* cd_forward of a tensor that was handed out to this scope and that nobody needs after it, which is
 * then dropped (core/scope.h): so, without a graph, at most two activations of a chain of modules
 * exist at a time. */
CD_API cd_tensor *cd_forward_drop(cd_module *m, cd_tensor *x);
/* All outputs of a module that has several: out has room for `outputs`, which must be its number.
 */
CD_API bool cd_forward_n(cd_module *m, cd_tensor *const *in, int inputs, cd_tensor **out,
                         int outputs);

/* --- hooks: functions of one's own around a forward function ---------------------------------- */

/* Before the forward function, with what it will get. False with an error set fails the call, and
 * neither the forward function nor any further hook runs. */
typedef bool cd_forward_pre_hook(cd_module *m, cd_tensor *const *in, int inputs, void *user);

typedef struct cd_forward_pre_hook_options {
    cd_module *module;
    cd_forward_pre_hook *hook;
    CD_GUARD_;
    void *user;
    void (*destroy)(void *user);
} cd_forward_pre_hook_options;

/* After it: arguments->out holds the outputs, and what the hook puts there instead is the output,
 * for the hooks that follow and for the caller. False with an error set fails the call. */
typedef bool cd_forward_hook(cd_module *m, const cd_arguments *arguments, void *user);

typedef struct cd_forward_hook_options {
    cd_module *module;
    cd_forward_hook *hook;
    CD_GUARD_;
    void *user;
    void (*destroy)(void *user);
} cd_forward_hook_options;

/* cd_register_forward_hook(m, hook, .user = me, .destroy = free)
 *
 * Hooks run with every cd_forward and cd_forward_n of this module, a parent's call of it included,
 * in order of registration, in the scope and the grad mode of its forward function. One that is
 * added or removed while they run makes a difference from the next call on. `destroy` is called
 * with `user` once: when the hook is removed, or with the module; not when registering fails. An id
 * above 0, or 0 with an error. Register and remove while no other thread calls the module. */
CD_API int64_t cd_register_forward_pre_hook_with(cd_forward_pre_hook_options options);
#define cd_register_forward_pre_hook(m_, ...)                                                      \
    cd_register_forward_pre_hook_with(                                                             \
        (cd_forward_pre_hook_options){ .module = m_, .hook = __VA_ARGS__ })
CD_API int64_t cd_register_forward_hook_with(cd_forward_hook_options options);
#define cd_register_forward_hook(m_, ...)                                                          \
    cd_register_forward_hook_with((cd_forward_hook_options){ .module = m_, .hook = __VA_ARGS__ })
/* Either kind. False with CD_ERR_ARGUMENT when m has no such hook (any more). */
CD_API bool cd_module_remove_hook(cd_module *m, int64_t id);

/* --- modes: for the module and all below it --------------------------------------------------- */

CD_API bool cd_train(cd_module *m);
CD_API bool cd_eval(cd_module *m);
/* In training mode and not frozen: what layers ask that behave differently in training. */
CD_API bool cd_is_training(const cd_module *m);

/* No gradients for any parameter, and evaluation behaviour (batch norm uses its running statistics
 * and leaves them alone) whatever cd_train says later, until cd_unfreeze. A child put in afterwards
 * is not frozen. */
CD_API bool cd_freeze(cd_module *m);
CD_API bool cd_unfreeze(cd_module *m);
CD_API bool cd_is_frozen(const cd_module *m);

/* Moves all parameters, with their gradients, and buffers of m and of what is below it to a device:
 * the tensors stay the same ones, and their elements go. All move, or none. Inputs must be brought
 * there with cd_to_device. An optimizer made before holds its own state where it was: make it
 * afterwards. To the meta device only shapes go. As torch.nn.Module.to. */
CD_API bool cd_module_to(cd_module *m, cd_device device);

/* --- the list of names ------------------------------------------------------------------------ */

typedef enum cd_entry_kind { CD_PARAMETER, CD_BUFFER, CD_CHILD, CD_STATE } cd_entry_kind;

/* Called with "layer1.0.conv1.weight" and the tensor; returns false to stop. */
typedef bool cd_visitor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user);

/* Visits every tensor of m and of what is below it, in the order of PyTorch's state_dict: a
 * module's parameters, then its buffers, then its children. Absent ones are left out. False if the
 * visitor stopped it, or with an error. */
CD_API bool cd_visit(cd_module *m, cd_visitor *visitor, void *user);

/* Called with "layer1.0.conv1" ("" for m itself) and the module, before those below it. */
typedef bool cd_module_visitor(const char *name, cd_module *m, void *user);
CD_API bool cd_visit_modules(cd_module *m, cd_module_visitor *visitor, void *user);

/* By path; CD_ERR_ARGUMENT, and NULL, when there is nothing of that name. */
CD_API cd_module *cd_module_get(cd_module *m, const char *path);
CD_API cd_tensor *cd_module_tensor(cd_module *m, const char *path);
/* Replaces the child at a path. An optimizer made before still holds the old one's parameters. */
CD_API bool cd_module_set(cd_module *m, const char *path, cd_module *child);

/* Elements in all parameters, or only in those that require gradients; a shared one counts once. */
CD_API int64_t cd_num_parameters(cd_module *m);
CD_API int64_t cd_num_trainable_parameters(cd_module *m);

CD_API const char *cd_module_name(const cd_module *m); /* "Linear" */

/* Drops the gradients of all parameters. */
CD_API bool cd_module_zero_grad(cd_module *m);

/* Names what a captured graph keeps of m and of what is below it, after their paths:
 * "layer1.0.conv1.weight". */
CD_API bool cd_graph_name_module(cd_graph *g, cd_module *m);

/* What print(module) writes in PyTorch; names are escaped as by cd_escape_text. */
CD_API bool cd_print_module(FILE *stream, cd_module *m);

CD_END_DECLS

#endif
