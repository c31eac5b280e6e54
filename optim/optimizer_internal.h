/* What all optimizers share: parameters in groups, a learning rate for each group, and for each
 * parameter its state, such as SGD's momentum buffer.
 *
 * A new optimizer is a class and an op, without code for the step. The op updates one parameter
 * (autograd/ops/sgd_step.c). The class says which op that is, which state tensors the op needs, and
 * what the options are. optimizer.c makes the state, and optimizer_step.c calls the op for every
 * parameter. optim/adam.c is the example to copy. */
#ifndef CANDELA_OPTIM_OPTIMIZER_INTERNAL_H
#define CANDELA_OPTIM_OPTIMIZER_INTERNAL_H

#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "core/error.h"
#include "core/tensor_internal.h"
#include "nn/option_internal.h"
#include "optim/optim.h"

enum { CD_OPTIMIZER_STATES = 4 }; /* the most state tensors of a parameter */

/* What a state tensor looks like before the first step. It is on the parameter's device. */
typedef enum cd_state_kind {
    CD_STATE_NONE = 0, /* ends the list */
    CD_STATE_LIKE,     /* the parameter's shape and dtype; zeros, or the class's initial number */
    CD_STATE_COUNT,    /* 0-d int64, 0 */
    CD_STATE_ONE       /* 0-d float32, 1 */
} cd_state_kind;

/* A state tensor that the optimizer has for each parameter. */
typedef struct cd_optimizer_state {
    const char *name;   /* PyTorch's; in cd_visit_state and in printed graphs: "exp_avg" */
    unsigned char kind; /* a cd_state_kind */
} cd_optimizer_state;

/* A set of states that has them all. */
#define CD_EVERY_STATE (CD_SET(CD_OPTIMIZER_STATES) - 1)

typedef struct cd_optimizer_class {
    const char *name;     /* PyTorch's name: "SGD" */
    const char *function; /* what makes one, without cd_, for errors: "optim_sgd" */
    /* The op that updates one parameter in place. Its inputs are the parameter, its gradient, the
     * rate, the momentum, and the state tensors in the order of `state`. */
    const cd_op *op;
    cd_optimizer_state state[CD_OPTIMIZER_STATES];
    /* The set of the state tensors that these options need; the op gets NULL for the others. NULL:
     * all are needed. */
    unsigned (*needs)(const void *options);
    /* The table of options, and the size of their struct, which begins with a module and
     * CD_OPTIMIZER_OPTIONS.
     * CD_OPTIMIZER_CLASS sets them. */
    const cd_option *options;
    size_t options_bytes;
    /* Where the struct of options has what the op gets as its input `momentum`, and the number that
     * CD_STATE_LIKE begins with; 0: it has none. */
    size_t momentum_at, initial_at;
    /* Checks that options fit each other, when each is within its bounds; false with an error.
     * NULL: there is nothing to check. */
    bool (*check)(const void *options);
    /* The op's attributes. */
    cd_step_attributes (*attributes)(const void *options);
} cd_optimizer_class;

#define CD_OPTIMIZER_CLASS(options_type_, table_)                                                  \
    .options = (table_), .options_bytes = sizeof(options_type_)

/* Parameters that have the same options. The optimizer owns all that is in it. */
typedef struct cd_optimizer_group {
    void *options; /* completed ones, without module and tensors */
    cd_step_attributes attributes;
    /* 0-d float64 tensors, so that a captured step sees new numbers. */
    cd_tensor *rate, *momentum;
    double first_rate; /* what schedules begin with, from the first one on */
} cd_optimizer_group;

/* One parameter and its state; the optimizer owns them. The state is NULL before the first step. */
typedef struct cd_optimizer_entry {
    cd_tensor *parameter;
    char *name; /* in the module; NULL for a tensor of a list */
    int group;
    cd_tensor *state[CD_OPTIMIZER_STATES];
} cd_optimizer_entry;

struct cd_optimizer {
    cd_object object;
    const cd_optimizer_class *class_;
    cd_optimizer_group *groups;
    int group_count;
    bool scheduled; /* a schedule was made for it */
    bool overlaps;  /* parameters may share memory: they are updated one by one */
    cd_optimizer_entry *entries;
    int64_t count;
};

/* Makes an optimizer from the options that a call gave, in the class's struct. It belongs to the
 * open scope. NULL with an error. */
cd_optimizer *cd_optimizer_new(const cd_optimizer_class *class_, const void *options);
/* The same for the parameters of a module, whatever the options say, such as those of another
 * optimizer. */
cd_optimizer *cd_optimizer_make(const cd_optimizer_class *class_, cd_module *module,
                                const void *options);

/* Adds a group with these options, of which `function` is to speak in errors. False with an error,
 * and no group. */
bool cd_optimizer_add_group(cd_optimizer *o, const char *function, const void *options);

/* False with an error, which names the function and its argument, if o is NULL or no optimizer. */
bool cd_check_optimizer(const cd_optimizer *o, const char *function, const char *argument);

/* Makes the state tensors of an entry that do not exist yet; if one fails, those made before it
 * stay. False with an error. */
bool cd_optimizer_make_state(cd_optimizer *o, cd_optimizer_entry *entry);

/* The rate of a group, which exists; and its momentum, 0 if it has none. Not during a capture. */
double cd_optimizer_rate(const cd_optimizer *o, int group);
double cd_optimizer_momentum(const cd_optimizer *o, int group);
/* Whether these may be set: they must be finite and not negative; false with an error. */
bool cd_optimizer_check_rate(const char *function, double lr, double momentum);
/* Sets both. False with an error of `function`, and then neither has changed. */
bool cd_optimizer_set_rate(cd_optimizer *o, const char *function, int group, double lr,
                           double momentum);
/* Puts back what they were, after an error. */
void cd_optimizer_put_rate(cd_optimizer *o, int group, double lr, double momentum);

/* The library's classes, each defined in the file that optim.def names. */
#define CD_OPTIMIZER(name_) extern const cd_optimizer_class cd_optim_##name_##_class;
#define CD_SCHEDULE(name_)
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE

/* The library's classes in the order of optim.def; the list ends with NULL. */
extern const cd_optimizer_class *const cd_optimizer_classes[];

/* Says what is wrong with a list of classes that ends with NULL, for the programmer who wrote it: a
 * missing function, two classes of one name. NULL if nothing is wrong. */
const char *cd_optimizer_classes_fault(const cd_optimizer_class *const *classes);

#endif
