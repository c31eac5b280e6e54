/* What the library's own files need of modules, beyond nn/module.h: the list of classes, how a call
 * runs, and direct access to children and parameters. */
#ifndef CANDELA_NN_MODULE_INTERNAL_H
#define CANDELA_NN_MODULE_INTERNAL_H

#include "autograd/hook_list_internal.h"
#include "core/tensor_internal.h"
#include "nn/module.h"
#include "nn/option_internal.h"

/* False with an error, which names the function and its argument, if m is NULL or no module. */
bool cd_check_module(const cd_module *m, const char *function, const char *argument);

enum { CD_MODULE_OUTPUTS = 8 }; /* the most outputs that a class may have */

/* --- classes ---------------------------------------------------------------------------------- */

/* The library's classes, each defined in the file that modules.def names. */
#define CD_MODULE(name_) extern const cd_module_class cd_nn_##name_##_class;
#include "nn/modules.def"
#undef CD_MODULE

/* The library's classes in the order of modules.def; the list ends with NULL. */
extern const cd_module_class *const cd_module_classes[];

/* The library's class of this name, such as "Linear"; NULL if there is none. */
const cd_module_class *cd_find_module_class(const char *name);

/* Says what is wrong with a class, for the programmer who wrote it: a missing function, a mistake
 * in its table of options. NULL if nothing is wrong. */
const char *cd_module_class_fault(const cd_module_class *class_);
/* The same for the classes of a list that ends with NULL. Each must also have a `make` function and
 * a name of its own. */
const char *cd_module_classes_fault(const cd_module_class *const *classes);

/* The options that m was made with, within m's struct; NULL if its class has none. */
const void *cd_module_options(const cd_module *m);

/* --- classes of an op ------------------------------------------------------------------------- */

/* Defines what makes modules of type struct_ a class, with the forward function call_(o), where o
 * are the module's `options`, of type options_ and with the table table_. The last arguments put
 * the inputs a->in into o. The constructor is cd_nn_NAME_with(options). */
#define CD_CLASS_OF_OP(name_, print_, struct_, options_, table_, call_, inputs_, ...)              \
    static bool name_##_forward(cd_module *m, const cd_arguments *a)                               \
    {                                                                                              \
        options_ o = ((const struct_ *)m)->options;                                                \
        __VA_ARGS__;                                                                               \
        a->out[0] = call_(o);                                                                      \
        return a->out[0];                                                                          \
    }                                                                                              \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_##_with(*(const options_ *)o);                                         \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = { .name = (print_),                              \
                                                    .size = sizeof(struct_),                       \
                                                    .inputs = (inputs_),                           \
                                                    .forward = name_##_forward,                    \
                                                    CD_CLASS_OPTIONS(struct_, options, table_),    \
                                                    .make = name_##_make };

/* The same, with the struct of a module that has nothing but options, and the constructor. The
 * options must fulfil check_, which is true or sets an error. */
#define CD_MODULE_OF_OP(name_, print_, options_, table_, call_, check_, inputs_, ...)              \
    typedef struct name_##_module {                                                                \
        cd_module module;                                                                          \
        options_ options;                                                                          \
    } name_##_module;                                                                              \
    CD_CLASS_OF_OP(name_, print_, name_##_module, options_, table_, call_, inputs_, __VA_ARGS__)   \
    cd_module *cd_nn_##name_##_with(options_ o)                                                    \
    {                                                                                              \
        if (!cd_options_fill((table_), &o, "nn_" #name_) || !(check_)) return NULL;                \
        name_##_module *self = (name_##_module *)cd_module_new(&cd_nn_##name_##_class);            \
        if (self) self->options = o;                                                               \
        return (cd_module *)self;                                                                  \
    }

/* --- modes ------------------------------------------------------------------------------------ */

/* Which of the modules at and below a module are in training mode, so that a function that changes
 * the modes can put them back, those of single children too. */
typedef struct cd_module_mode {
    cd_module *module; /* owned */
    bool training;
} cd_module_mode;

typedef struct cd_module_modes {
    cd_module_mode *item; /* owned */
    int64_t count, capacity;
} cd_module_modes;

/* Notes the modes. False with an error; then there is nothing to put back. */
bool cd_module_modes_take(cd_module_modes *modes, cd_module *m);
/* Puts the modes back, also while an error is pending, and frees the note. */
void cd_module_modes_put_back(cd_module_modes *modes);

/* A limit on the modules that may be made, for those that a file describes: how many more modules,
 * and names registered in them, the calling thread may make. NULL: any number. The next one after
 * the last is CD_ERR_UNSUPPORTED, and so is the 16,385th name of one module. Set it around the
 * calls that make the modules. */
extern _Thread_local int64_t *cd_module_allowance;
/* Takes `count` off the allowance, if there is one. False with an error if less is left. */
bool cd_module_allow(int64_t count);

/* --- calling ---------------------------------------------------------------------------------- */

/* Checks the number of inputs and outputs and the inputs, then calls cd_module_run. For modules
 * whose calls have options; out is left as it was on failure. False with an error. */
bool cd_module_call(cd_module *m, const cd_arguments *a);
/* How many outputs m gives. */
static inline int cd_module_outputs(const cd_module *m)
{
    const cd_module_class *c = m->class_;
    return c->count_outputs ? c->count_outputs(m) : c->outputs > 0 ? c->outputs : 1;
}
/* Input k; NULL if it was left out. */
static inline cd_tensor *cd_module_input(const cd_arguments *a, int k)
{
    return k < a->inputs ? a->in[k] : NULL;
}
/* Runs the hooks that come before the forward function, the forward function, and the hooks that
 * come after it. The outputs belong to the open scope. False with an error. */
bool cd_module_run(cd_module *m, const cd_arguments *a);
/* For a call of m that has failed: puts the place of m within the module that called it before the
 * message, if there is such a module and the message has room: "blocks.1 (Linear): linear: ...".
 * Of an m that is NULL, the class of the module that called it. Returns false. */
bool cd_module_failed(cd_module *m);
/* The list of m's hooks, whose type nn/module.h does not know. */
static inline cd_hook_list *cd_module_hooks(cd_module *m)
{
    return (cd_hook_list *)(void *)&m->hooks_;
}
/* Calls `run`, which computes the outputs, so that m's backward hooks run in passes through this
 * call. False with an error. */
bool cd_module_run_watched(cd_module *m, const cd_arguments *a,
                           bool (*run)(cd_module *m, const cd_arguments *a));
/* Removes all hooks of m. */
void cd_module_clear_hooks(cd_module *m);

/* --- contents --------------------------------------------------------------------------------- */

/* A registered name and its value, a cd_tensor or a cd_module. If the module's struct has a field
 * for the value, the value is stored only there, so the field and the entry cannot disagree. */
typedef struct cd_module_entry {
    char *name;
    cd_entry_kind kind;
    void **slot; /* the field of the struct that holds the value, or NULL */
    void *own;   /* the value, if slot is NULL */
} cd_module_entry;

static inline void *cd_module_value(const cd_module_entry *e)
{
    return e->slot ? *e->slot : e->own;
}

static inline void cd_module_set_value(cd_module_entry *e, void *value)
{
    if (e->slot) {
        *e->slot = value;
    } else {
        e->own = value;
    }
}

/* The pointer of m's class that owned_at tells of. */
static inline void **cd_module_owned(const cd_module *m)
{
    return (void **)((uintptr_t)m + m->class_->owned_at);
}

/* The entry of child number i, as cd_module_child counts; NULL if there are fewer. */
cd_module_entry *cd_module_child_entry(const cd_module *m, int i);
/* Adds an entry, with m as an owner of the value. The name must be new. False without memory. */
bool cd_module_add(cd_module *m, const char *name, cd_entry_kind kind, void *slot, void *value);
/* Checks and adds a parameter as cd_register_parameter, but leaves whether it requires
 * gradients. */
bool cd_module_add_parameter(cd_module *m, const char *name, cd_tensor **slot, cd_tensor *value);
/* Takes an entry off the list, whose value the caller disowns. */
void cd_module_remove_entry(cd_module *m, cd_module_entry *e);

/* A Sequential or ModuleList of these modules, owned by the open scope; NULL with an error, which
 * names `function`. */
cd_module *cd_module_numbered(const cd_module_class *class_, const char *function,
                              cd_module *const *modules, int count);

/* How many children m has. Children of children do not count, nor do those that are NULL. */
int cd_module_child_count(const cd_module *m);

/* Child number i of these, borrowed; NULL if there are fewer. */
cd_module *cd_module_child(const cd_module *m, int i);

/* As cd_visit_modules, but visits a module once for each of its paths. */
bool cd_visit_paths(cd_module *m, cd_module_visitor *visitor, void *user);
/* False with CD_ERR_STATE if modules below m are nested too deep for cd_visit: for functions that
 * recurse as deep as modules are nested. */
bool cd_module_check_depth(cd_module *m);

/* As cd_module_copy, but the copy is on the meta device: its tensors have no elements. */
cd_module *cd_module_copy_on_meta(cd_module *m);

/* Whether a path of cd_visit matches a pattern: the one matcher of all calls that take names. */
bool cd_name_matches(const char *name, const char *pattern);

/* A list of borrowed tensors. The caller frees `tensor` with cd_free. */
typedef struct cd_tensor_list {
    cd_tensor **tensor;
    int64_t count, room;
} cd_tensor_list;

/* Adds t at the end, unless the list has it: sets *again if it has. False with an error. */
bool cd_tensor_list_add(cd_tensor_list *list, cd_tensor *t, bool *again);

/* Lists every parameter of m and of the modules below it, in the order of cd_visit. A parameter
 * that is registered twice is listed once. False, with an error and an empty list, on failure. */
bool cd_module_parameters(cd_module *m, cd_tensor_list *list);

#endif
