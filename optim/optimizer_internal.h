/* What all optimizers share: parameters, a learning rate, and for each parameter its state, such as
 * SGD's momentum buffer.
 *
 * A new optimizer is a class and an op, without code for the step. The op updates one parameter
 * (autograd/ops/sgd_step.c). The class says which op that is, which state tensors the op needs, and
 * what the options are. optimizer.c makes the state and calls the op for every parameter.
 * optim/sgd.c is the example to copy. */
#ifndef CANDELA_OPTIM_OPTIMIZER_INTERNAL_H
#define CANDELA_OPTIM_OPTIMIZER_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/tensor_internal.h"
#include "nn/option_internal.h"
#include "optim/optim.h"

enum { CD_OPTIMIZER_STATES = 3 }; /* the most state tensors of a parameter */

/* What a state tensor looks like before the first step. It is on the parameter's device. */
typedef enum cd_state_kind {
    CD_STATE_NONE = 0, /* ends the list */
    CD_STATE_LIKE,     /* the parameter's shape and dtype, all zeros */
    CD_STATE_FLAG      /* 0-d bool, false */
} cd_state_kind;

/* A state tensor that the optimizer has for each parameter. */
typedef struct cd_optimizer_state {
    const char *name;   /* in cd_visit_state and in printed graphs: "momentum" */
    unsigned char kind; /* a cd_state_kind */
} cd_optimizer_state;

typedef struct cd_optimizer_class {
    const char *name; /* PyTorch's name: "SGD" */
    size_t size;      /* of the optimizer's struct, whose first member is a cd_optimizer */
    /* The op that updates one parameter in place. Its inputs are the parameter, its gradient, the
     * rate, and the state tensors in the order of `state`. */
    const cd_op *op;
    size_t attributes_at; /* offset of the op's attributes within the optimizer's struct */
    cd_optimizer_state state[CD_OPTIMIZER_STATES];
    /* Whether an optimizer with these options needs its state; NULL: always. SGD needs it only with
     * momentum. Without state the op gets NULL for its state inputs. */
    bool (*has_state)(const cd_optimizer *o);
    /* The table of options and where the struct holds them, as in cd_module_class (nn/module.h). */
    const cd_option *options;
    size_t options_at, options_bytes;
    /* Makes an optimizer of the module's parameters from a struct of options. */
    cd_optimizer *(*make)(cd_module *module, const void *options);
} cd_optimizer_class;

/* One parameter and its state; the optimizer owns them. The state is NULL before the first step. */
typedef struct cd_optimizer_entry {
    cd_tensor *parameter;
    cd_tensor *state[CD_OPTIMIZER_STATES];
} cd_optimizer_entry;

struct cd_optimizer {
    cd_object object;
    const cd_optimizer_class *class_;
    cd_tensor *rate; /* 0-d float64, owned. A tensor, so that a captured step sees a new rate */
    cd_optimizer_entry *entries;
    int64_t count;
};

/* A new optimizer with the learning rate lr, for the parameters of `module`, or for `tensors` if
 * module is NULL. The caller is its owner and sets its options and attributes. NULL with an error.
 * `function` is the calling function's name, for errors. */
cd_optimizer *cd_optimizer_new(const cd_optimizer_class *class_, const char *function, double lr,
                               cd_module *module, cd_tensor *const *tensors, int count);

/* False with an error, which names the function and its argument, if o is NULL or no optimizer. */
bool cd_check_optimizer(const cd_optimizer *o, const char *function, const char *argument);

/* Makes the state tensors that do not exist yet, as the first step would. False with an error. */
bool cd_optimizer_make_state(cd_optimizer *o);

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
