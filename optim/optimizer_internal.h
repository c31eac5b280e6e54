/* What every optimizer is: parameters, a rate, and for each parameter the state of its step.
 *
 * An optimizer is declared. Its class names the op that steps one parameter, the state tensors that
 * the op needs beside the parameter, and its options; optimizer.c does the rest. */
#ifndef CANDELA_OPTIM_OPTIMIZER_INTERNAL_H
#define CANDELA_OPTIM_OPTIMIZER_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/tensor_internal.h"
#include "nn/option_internal.h"
#include "optim/optim.h"

enum { CD_OPTIMIZER_STATES = 3 };

typedef enum cd_state_kind {
    CD_STATE_NONE = 0, /* ends the list */
    CD_STATE_LIKE,     /* of the parameter's shape, dtype and device: zeros at first */
    CD_STATE_FLAG      /* 0-d bool, false at first; the last of a parameter's state to be made */
} cd_state_kind;

/* A tensor that an optimizer remembers of each parameter. */
typedef struct cd_optimizer_state {
    const char *name; /* "momentum" */
    unsigned char kind;
} cd_optimizer_state;

typedef struct cd_optimizer_class {
    const char *name; /* PyTorch's: "SGD" */
    size_t size;      /* of the struct that begins with a cd_optimizer */
    /* One parameter's step, in place. Its inputs are the parameter, its gradient, the rate, and the
     * state tensors in the order of `state`. Its attributes lie in the optimizer's struct. */
    const cd_op *op;
    size_t attributes_at;
    cd_optimizer_state state[CD_OPTIMIZER_STATES];
    /* Whether this optimizer needs state at all; NULL: it does. */
    bool (*has_state)(const cd_optimizer *o);
    /* The options it was made with, as a module's (nn/module.h). Their first field is the module. */
    const cd_option *options;
    size_t options_at, options_bytes;
    /* Makes one over the module's parameters, of options that begin as the class's do. */
    cd_optimizer *(*make)(cd_module *module, const void *options);
} cd_optimizer_class;

/* One parameter and its state; all owned. The state is NULL before the first step. */
typedef struct cd_slot {
    cd_tensor *parameter;
    cd_tensor *state[CD_OPTIMIZER_STATES];
} cd_slot;

struct cd_optimizer {
    cd_object object;
    const cd_optimizer_class *class_;
    cd_tensor *rate; /* 0-d float64, owned: steps read it, so that captured ones see it change */
    cd_slot *slots;
    int64_t count;
};

/* Made over a module's parameters, or over the tensors when there is no module, with this rate; one
 * owner, the caller. `what` names the caller in sentences. */
cd_optimizer *cd_optimizer_new(const cd_optimizer_class *class_, const char *what, double lr,
                               cd_module *module, cd_tensor *const *tensors, int count);

bool cd_check_optimizer(const cd_optimizer *o, const char *function, const char *argument);

/* Makes the state of all parameters that have none yet, as their first step would. False with an
 * error. */
bool cd_optimizer_make_state(cd_optimizer *o);

/* The library's classes, each defined in the file that optim.def names. */
#define CD_OPTIMIZER(name_) extern const cd_optimizer_class cd_optim_##name_##_class;
#define CD_SCHEDULE(name_)
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE

/* All of them, in the order of optim.def; ends with NULL. */
extern const cd_optimizer_class *const cd_optimizer_classes[];

/* What is wrong with a list of classes that ends with NULL, as a sentence for programmers: a
 * missing function, a name twice. NULL when nothing is. */
const char *cd_optimizer_classes_fault(const cd_optimizer_class *const *classes);

#endif
