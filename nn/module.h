/* Modules, as torch.nn.Module: named parameters, buffers and children, and a forward function.
 *
 * A module registers its parameters, buffers and children by name when it is made. Saving, loading,
 * counting, freezing, optimizing and printing all use what is registered: there is no other list.
 *
 * A module of your own is a struct whose first member is a cd_module:
 *
 *     typedef struct scaled { cd_module module; cd_module *inner; cd_tensor *scale; } scaled;
 *
 *     static bool scaled_forward(cd_module *m, const cd_arguments *a)
 *     {
 *         scaled *self = (scaled *)m;
 *         a->out[0] = cd_mul(cd_forward(self->inner, a->in[0]), self->scale);
 *         return a->out[0];
 *     }
 *     static const cd_module_class scaled_class = {
 *         .name = "Scaled", .size = sizeof(scaled), .inputs = 1,
 *         .forward = scaled_forward
 *     };
 *
 *     scaled *self = (scaled *)cd_module_new(&scaled_class);
 *     if (self) {
 *         cd_register_child(&self->module, "inner", &self->inner, cd_nn_linear(3, 4));
 *         cd_register_parameter(&self->module, "scale", &self->scale, cd_ones(CD_SCALAR));
 *     }
 *
 * docs/own-modules.md goes on from here, with programs. */
#ifndef CANDELA_NN_MODULE_H
#define CANDELA_NN_MODULE_H

#include <stdio.h>

#include "autograd/graph.h"
#include "autograd/ops.h"
#include "nn/option.h"

CD_BEGIN_DECLS

typedef struct cd_module cd_module;

/* The arguments of a forward function, which reads in[0] to in[inputs - 1] and sets out[0] to
 * out[outputs - 1]. */
typedef struct cd_arguments {
    cd_tensor *const *in;
    cd_tensor **out;
    int inputs, outputs;
    const void *options; /* what a call names beside tensors (cd_forward_recurrent); or NULL */
} cd_arguments;

/* What all modules of one kind share. Only name, size and forward are needed; the library's own
 * classes, listed in nn/modules.def, need make too. */
typedef struct cd_module_class {
    const char *name; /* as it is printed: "Linear" */
    size_t size;      /* of the module's struct, whose first member is a cd_module */
    int inputs;       /* how many inputs forward takes; 0: one or more */
    int outputs;      /* how many outputs forward gives, at most 8; 0 means 1 */
    /* How many outputs this module gives, from 1 to 8, where that depends on its options; NULL:
     * `outputs`. */
    int (*count_outputs)(const cd_module *m);
    unsigned optional_inputs;  /* the set of inputs that may be NULL: bit k stands for input k */
    unsigned optional_outputs; /* the set of outputs that forward may leave NULL */
    /* Computes the outputs. False, with an error set, on failure. The library opens a scope around
     * the call and makes the outputs valid after it. Layers that behave differently in training ask
     * cd_is_training(m). */
    bool (*forward)(cd_module *m, const cd_arguments *arguments);
    /* The table of the options that a module is made with (nn/option.h); NULL: it has none. The
     * options are printed between the parentheses. */
    const cd_option *options;
    /* Offset and size of the options within the module's struct. CD_CLASS_OPTIONS sets both. */
    size_t options_at, options_bytes;
    /* Makes a module from a struct of options, such as one read from a file. Sequential, whose
     * children are not options, makes an empty one. NULL: modules of this class cannot be made from
     * options. */
    cd_module *(*make)(const void *options);
    /* Writes what is printed between the parentheses in place of the options
     * ("in_features=3, out_features=4, bias=True"); NULL: the options are printed. `text` has room
     * for `bytes`. The library calls this in the C locale, so snprintf writes decimal points. */
    void (*describe)(const cd_module *m, char *text, size_t bytes);
    /* Frees what the struct owns beside its registered tensors and children; NULL: nothing. */
    void (*destroy)(cd_module *m);
    /* For the library's own classes: an allocation of the struct's own that has registered fields,
     * as many as an option says. owned_at is the offset of the pointer to it, owned_bytes gives its
     * size. It is freed after what the fields hold, and cd_module_copy copies it. NULL: none. */
    size_t owned_at;
    size_t (*owned_bytes)(const cd_module *m);
} cd_module_class;

/* In a class: its struct's type, the member that holds the options, and the table of options. */
#define CD_CLASS_OPTIONS(struct_, member_, table_)                                                 \
    .options = (table_), .options_at = offsetof(struct_, member_),                                 \
    .options_bytes = sizeof(((struct_ *)NULL)->member_)

/* The start of every module's struct. The fields are private to the library. */
struct cd_module {
    uint64_t object_[6];
    const cd_module_class *class_;
    struct cd_module_entry *entries_;
    void *hooks_;
    int32_t count_, room_;
    bool training_, frozen_;
};

/* A new module of the class, in training mode: a zeroed struct of class->size bytes with nothing
 * registered. CD_ERR_ARGUMENT says what is wrong with the class. */
CD_API cd_module *cd_module_new(const cd_module_class *class_);

/* Registering gives the module a tensor or a child under a name, and makes the module an owner of
 * it. The name must not be empty, contain a dot, or be registered in this module already.
 *
 * `slot` is the field of the module's struct that holds the value: it is set here, and again by
 * cd_module_set. It may be NULL. The value may be NULL, for a layer without bias; the name is then
 * taken, but visiting and counting leave it out. While an error is pending nothing is registered.
 * False with an error. */

/* As torch.nn.Module.register_parameter. A floating tensor is set to require gradients. The tensor
 * must be a leaf (CD_ERR_AUTOGRAD). */
CD_API bool cd_register_parameter(cd_module *m, const char *name, cd_tensor **slot,
                                  cd_tensor *value);
/* As torch.nn.Module.register_buffer: a tensor that is saved and moved with the module, but not
 * trained. */
CD_API bool cd_register_buffer(cd_module *m, const char *name, cd_tensor **slot, cd_tensor *value);
/* As torch.nn.Module.register_module. The child must not contain the module, nor be it. */
CD_API bool cd_register_child(cd_module *m, const char *name, cd_module **slot, cd_module *child);

/* --- calling ---------------------------------------------------------------------------------- */

/* Calls a module that has one output: cd_forward(model, x), cd_forward(loss, prediction, target).
 * Returns the output, or NULL with an error. Use cd_forward, which counts the inputs. Calls within
 * calls of modules that are deeper than 1000 are CD_ERR_STATE. */
CD_API cd_tensor *cd_forward_with(cd_module *m, cd_tensor *const *in, int inputs);
#define cd_forward(m_, ...)                                                                        \
    cd_forward_with((m_), (cd_tensor *const[]){ __VA_ARGS__ },                                     \
                    (int)(sizeof((cd_tensor *const[]){ __VA_ARGS__ }) / sizeof(cd_tensor *)))
/* cd_forward, and then, if it succeeded, cd_drop(x) (core/scope.h). For an x that the open scope
 * owns and that nobody needs after the call: without a graph, a chain of modules then needs
 * memory for only two activations at a time. A module may return x itself: the open scope owns x
 * once more as the output, and that stays. */
CD_API cd_tensor *cd_forward_drop(cd_module *m, cd_tensor *x);
/* Calls a module that has several outputs and writes them to `out`. `outputs` must be the number
 * that the module gives. False with an error, and `out` as it was. */
CD_API bool cd_forward_n(cd_module *m, cd_tensor *const *in, int inputs, cd_tensor **out,
                         int outputs);

/* --- hooks: functions that are called before and after a module's forward function ------------ */

/* A hook that is called before the forward function, with the same inputs. If it returns false,
 * with an error set, the call of the module fails: neither the forward function nor any other hook
 * runs. */
typedef bool cd_forward_pre_hook(cd_module *m, cd_tensor *const *in, int inputs, void *user);

typedef struct cd_forward_pre_hook_options {
    cd_module *module;
    cd_forward_pre_hook *hook;
    CD_GUARD_;
    void *user;                  /* passed to the hook; default NULL */
    void (*destroy)(void *user); /* default NULL: nothing */
} cd_forward_pre_hook_options;

/* A hook that is called after the forward function. arguments->out holds the outputs. The hook may
 * replace them: later hooks and the caller then get the replacement. If it returns false, with an
 * error set, the call of the module fails. */
typedef bool cd_forward_hook(cd_module *m, const cd_arguments *arguments, void *user);

typedef struct cd_forward_hook_options {
    cd_module *module;
    cd_forward_hook *hook;
    CD_GUARD_;
    void *user;                  /* passed to the hook; default NULL */
    void (*destroy)(void *user); /* default NULL: nothing */
} cd_forward_hook_options;

/* cd_register_forward_hook(m, hook, .user = me, .destroy = free), as in torch.nn.Module.
 *
 * The hooks of a module run whenever it is called, also by its parent, in the order in which they
 * were registered, in the scope and the grad mode of its forward function. A hook that is
 * registered or removed while the hooks run changes the next call, not this one. `destroy` is
 * called once with `user`, when the hook is removed or the module is destroyed; it is not called if
 * registering fails. Returns the hook's id, above 0, or 0 with an error. No other thread may call
 * the module during registering or removing. */
CD_API int64_t cd_register_forward_pre_hook_with(cd_forward_pre_hook_options options);
#define cd_register_forward_pre_hook(m_, ...)                                                      \
    cd_register_forward_pre_hook_with(                                                             \
        (cd_forward_pre_hook_options){ .module = m_, .hook = __VA_ARGS__ })
CD_API int64_t cd_register_forward_hook_with(cd_forward_hook_options options);
#define cd_register_forward_hook(m_, ...)                                                          \
    cd_register_forward_hook_with((cd_forward_hook_options){ .module = m_, .hook = __VA_ARGS__ })
/* --- hooks of the backward pass --- */

/* A hook that is called in a backward pass when the gradients of a module's outputs have arrived,
 * before they go through the module. grad_output[j] is NULL for an output of which no gradient
 * came. The hook may put another gradient of the same shape and dtype in the place of one. False
 * with an error set: the pass fails. */
typedef bool cd_full_backward_pre_hook(cd_module *m, cd_tensor **grad_output, int outputs,
                                       void *user);

typedef struct cd_full_backward_pre_hook_options {
    cd_module *module;
    cd_full_backward_pre_hook *hook;
    CD_GUARD_;
    void *user;                  /* passed to the hook; default NULL */
    void (*destroy)(void *user); /* default NULL: nothing */
} cd_full_backward_pre_hook_options;

/* What a backward hook of a module gets. */
typedef struct cd_module_gradients {
    cd_tensor **grad_input;        /* of each input; NULL for one that requires none */
    cd_tensor *const *grad_output; /* of each output, as the hooks before left it; may be NULL */
    int inputs, outputs;
} cd_module_gradients;

/* A hook that is called when the gradients of all inputs of a call are known. It may put another
 * gradient of the same shape and dtype in the place of one of an input. False with an error set:
 * the pass fails. */
typedef bool cd_full_backward_hook(cd_module *m, const cd_module_gradients *gradients, void *user);

typedef struct cd_full_backward_hook_options {
    cd_module *module;
    cd_full_backward_hook *hook;
    CD_GUARD_;
    void *user;                  /* passed to the hook; default NULL */
    void (*destroy)(void *user); /* default NULL: nothing */
} cd_full_backward_hook_options;

/* cd_register_full_backward_hook(m, hook, .user = me, .destroy = free), as in torch.nn.Module.
 *
 * The hooks belong to the calls that are recorded while they are registered: they run in each pass
 * through such a call, in the order of registration, until they are removed. When no input of the
 * call requires gradients, full backward hooks run after the pre-hooks with a grad_input of NULLs,
 * which must stay so (CD_ERR_AUTOGRAD), and a warning is logged. When a pass goes on to no input,
 * they do not run. The graph of a call is an owner of the module: a module that itself keeps a
 * tensor with this graph never ends.
 *
 * As in PyTorch the module gets its inputs, and the caller its outputs, as views that cannot be
 * changed in place while a graph is recorded. A class that does so (.inplace) cannot have these
 * hooks. Otherwise as for forward hooks. */
CD_API int64_t cd_register_full_backward_pre_hook_with(cd_full_backward_pre_hook_options options);
#define cd_register_full_backward_pre_hook(m_, ...)                                                \
    cd_register_full_backward_pre_hook_with(                                                       \
        (cd_full_backward_pre_hook_options){ .module = m_, .hook = __VA_ARGS__ })
CD_API int64_t cd_register_full_backward_hook_with(cd_full_backward_hook_options options);
#define cd_register_full_backward_hook(m_, ...)                                                    \
    cd_register_full_backward_hook_with(                                                           \
        (cd_full_backward_hook_options){ .module = m_, .hook = __VA_ARGS__ })
/* Removes a hook of any kind by its id. CD_ERR_ARGUMENT if m has no such hook (any more). */
CD_API bool cd_module_remove_hook(cd_module *m, int64_t id);

/* --- modes: set for a module, its children, their children and so on -------------------------- */

/* Training mode, as torch.nn.Module.train(). A new module is in training mode. */
CD_API bool cd_train(cd_module *m);
/* Evaluation mode, as torch.nn.Module.eval(). */
CD_API bool cd_eval(cd_module *m);
/* True in training mode if m is not frozen. Layers that behave differently in training ask this. */
CD_API bool cd_is_training(const cd_module *m);

/* Freezes a module: its parameters require no gradients and lose those they have, and it behaves as
 * in evaluation mode (batch norm uses its running statistics and does not update them), even after
 * cd_train, until cd_unfreeze. A child that is put in later is not frozen. */
CD_API bool cd_freeze(cd_module *m);
/* Ends cd_freeze: all floating parameters require gradients again. */
CD_API bool cd_unfreeze(cd_module *m);
/* Whether cd_freeze was called for m itself, or for a module that contained it. */
CD_API bool cd_is_frozen(const cd_module *m);

/* Moves the parameters, gradients and buffers of m and of all modules below it to a device, as
 * torch.nn.Module.to: the cd_tensors stay the same objects, and their elements are copied. All
 * tensors move, or none. On the meta device they have shapes but no elements. Inputs must be
 * moved with cd_to_device. The state of an existing optimizer does not move: make optimizers
 * afterwards. */
CD_API bool cd_module_to(cd_module *m, cd_device device);

/* --- visiting tensors and modules by name ----------------------------------------------------- */

/* What a name stands for. CD_STATE is a tensor of an optimizer, schedule or generator
 * (optim/state.h). */
typedef enum cd_entry_kind { CD_PARAMETER, CD_BUFFER, CD_CHILD, CD_STATE } cd_entry_kind;

/* Called with a path, "layer1.0.conv1.weight", and the tensor there; returns false to stop. */
typedef bool cd_visitor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user);

/* Calls the visitor with every tensor of m and of the modules below it, in the order of PyTorch's
 * state_dict: a module's parameters, then its buffers, then its children. A tensor with two names,
 * as that of a module which is a child twice, is visited under both; values that are NULL are left
 * out. False if the visitor returned false, or with an error: CD_ERR_STATE for more than 64 levels
 * of modules or a path of more than 1023 bytes. */
CD_API bool cd_visit(cd_module *m, cd_visitor *visitor, void *user);

/* Called with a path, "layer1.0.conv1" ("" for the module that cd_visit_modules was given), and the
 * module there; returns false to stop. */
typedef bool cd_module_visitor(const char *name, cd_module *m, void *user);
/* Calls the visitor with m and every module below it, a parent before its children. As in PyTorch's
 * named_modules a module with several paths is visited once, by the first of them. The visitor may
 * replace children. False as cd_visit. */
CD_API bool cd_visit_modules(cd_module *m, cd_module_visitor *visitor, void *user);

/* The module at a path: cd_module_get(m, "layer1.0"). As in torch.nn.Module.get_submodule, "" is m
 * itself. NULL with CD_ERR_ARGUMENT, which says which part of the path is missing. */
CD_API cd_module *cd_module_get(cd_module *m, const char *path);
/* The parameter or buffer at a path: cd_module_tensor(m, "fc.weight"). Errors as cd_module_get. */
CD_API cd_tensor *cd_module_tensor(cd_module *m, const char *path);
/* Replaces the child at a path, or puts one in where NULL was registered. An optimizer that was
 * made before still has the parameters of the old child. */
CD_API bool cd_module_set(cd_module *m, const char *path, cd_module *child);

/* How many elements the parameters of m and of all modules below it have. A parameter that is
 * registered under two names counts once. 0 with an error. */
CD_API int64_t cd_num_parameters(cd_module *m);
/* The same for the parameters that require gradients. */
CD_API int64_t cd_num_trainable_parameters(cd_module *m);

/* The name of m's class, "Linear"; "?" with an error. */
CD_API const char *cd_module_name(const cd_module *m);

/* Drops the gradients of all parameters: cd_grad then returns NULL, as after torch.nn.Module's
 * zero_grad(). */
CD_API bool cd_module_zero_grad(cd_module *m);

/* Gives the tensors of m that a captured graph uses their paths as names, such as
 * "layer1.0.conv1.weight", for cd_print_graph. */
CD_API bool cd_graph_name_module(cd_graph *g, cd_module *m);

/* Writes m as print(module) does in PyTorch. Names are escaped as by cd_escape_text. */
CD_API bool cd_print_module(FILE *stream, cd_module *m);

CD_END_DECLS

#endif
