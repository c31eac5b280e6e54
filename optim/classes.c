/* The lists of optimizer and schedule classes, made from optim.def, and the checks of the classes.
 * A new class needs no change here. */
#include <string.h>

#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

const cd_optimizer_class *const cd_optimizer_classes[] = {
#define CD_OPTIMIZER(name_) &cd_optim_##name_##_class,
#define CD_SCHEDULE(name_)
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE
    NULL,
};

const cd_scheduler_class *const cd_scheduler_classes[] = {
#define CD_OPTIMIZER(name_)
#define CD_SCHEDULE(name_) &cd_schedule_##name_##_class,
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE
    NULL,
};

static const char *optimizer_fault(const cd_optimizer_class *c)
{
    if (!c->name || !*c->name) return "an optimizer's class needs a name";
    if (!c->function) return "an optimizer's class needs the name of the function that makes one";
    if (!c->op) return "an optimizer's class needs the op of a step";
    if (!c->attributes) return "an optimizer's class needs a function for its op's attributes";
    int states = 0;
    while (states < CD_OPTIMIZER_STATES && c->state[states].kind != CD_STATE_NONE) states++;
    if (c->op->inputs != 4 + states) {
        return "a step's op takes the parameter, its gradient, the rate, the momentum and the "
               "state";
    }
    if (!c->options) return "an optimizer's class needs a table of its options";
    return cd_options_fault(c->options, c->options_bytes);
}

const char *cd_optimizer_classes_fault(const cd_optimizer_class *const *classes)
{
    for (int i = 0; classes[i]; i++) {
        const char *fault = optimizer_fault(classes[i]);
        if (fault) return fault;
        for (int k = 0; k < i; k++) {
            if (strcmp(classes[k]->name, classes[i]->name) == 0) {
                return "two optimizers have one name";
            }
        }
    }
    return NULL;
}

static const char *scheduler_fault(const cd_scheduler_class *c)
{
    if (!c->name || !*c->name) return "a schedule's class needs a name";
    if (!c->function) return "a schedule's class needs the name of the function that makes one";
    if (!c->rate == !c->advance) return "a schedule's class needs a function for the rate";
    if (c->advance && !c->by_metric && !c->start) {
        return "a class of schedules in each other needs a function for step 0";
    }
    if (!c->options) return "a schedule's class needs a table of its options";
    if (c->options_bytes < sizeof(cd_optimizer *)) {
        return "a schedule's options begin with the optimizer";
    }
    return cd_options_fault(c->options, c->options_bytes);
}

const char *cd_scheduler_classes_fault(const cd_scheduler_class *const *classes)
{
    for (int i = 0; classes[i]; i++) {
        const char *fault = scheduler_fault(classes[i]);
        if (fault) return fault;
        for (int k = 0; k < i; k++) {
            if (strcmp(classes[k]->name, classes[i]->name) == 0) {
                return "two schedules have one name";
            }
        }
    }
    return NULL;
}
