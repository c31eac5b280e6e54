/* What every optimizer is: parameters, a rate, and a state tensor or two for each. */
#ifndef CANDELA_OPTIM_OPTIMIZER_INTERNAL_H
#define CANDELA_OPTIM_OPTIMIZER_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/tensor_internal.h"
#include "optim/optim.h"

/* One parameter, owned, and what its optimizer remembers of it. */
typedef struct cd_slot {
    cd_tensor *parameter;
    cd_tensor *momentum; /* owned; NULL before the first step */
    cd_tensor *started;  /* 0-d bool, whether that holds anything yet; made with it */
} cd_slot;

/* The step of one parameter, while a step of the optimizer is under way. */
typedef struct cd_update {
    cd_slot *slot;
    cd_tensor *grad; /* owned */
    cd_operand in[5];
    union {
        cd_sgd_attributes sgd;
    } attributes;
    cd_call call;
} cd_update;

typedef struct cd_optimizer_class {
    const char *name;
    size_t size;     /* of the struct that begins with a cd_optimizer */
    const cd_op *op; /* of one parameter's step: changes the parameter in place */
    /* Fills in the inputs and attributes of update->call, for update->slot and update->grad. It may
     * make state tensors, and changes nothing else. */
    bool (*prepare)(cd_optimizer *o, cd_update *update);
} cd_optimizer_class;

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

#endif
