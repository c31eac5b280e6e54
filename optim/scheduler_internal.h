/* What every schedule is: an optimizer, the rate it started with, and a formula of the step. */
#ifndef CANDELA_OPTIM_SCHEDULER_INTERNAL_H
#define CANDELA_OPTIM_SCHEDULER_INTERNAL_H

#include "core/object_internal.h"
#include "nn/option_internal.h"
#include "optim/optim.h"

typedef struct cd_scheduler_class {
    const char *name; /* PyTorch's: "CosineAnnealingLR" */
    size_t size;      /* of the struct that begins with a cd_scheduler */
    /* The optimizer's rate after so many calls of cd_scheduler_step. */
    double (*rate)(const cd_scheduler *s, int64_t step);
    /* The options it was made with, as a module's (nn/module.h). */
    const cd_option *options;
    size_t options_at, options_bytes;
    /* Makes one for the optimizer, of options as the class's. */
    cd_scheduler *(*make)(cd_optimizer *optimizer, const void *options);
} cd_scheduler_class;

struct cd_scheduler {
    cd_object object;
    const cd_scheduler_class *class_;
    cd_optimizer *optimizer; /* owned */
    double base;             /* the optimizer's rate when the schedule was made */
    int64_t step;            /* calls of cd_scheduler_step so far */
};

/* For an optimizer, which it owns from then on; one owner, the caller. `what` names the caller in
 * sentences. */
cd_scheduler *cd_scheduler_new(const cd_scheduler_class *class_, const char *what,
                               cd_optimizer *optimizer);

bool cd_check_scheduler(const cd_scheduler *s, const char *function);

/* The library's classes, each defined in the file that optim.def names. */
#define CD_OPTIMIZER(name_)
#define CD_SCHEDULE(name_) extern const cd_scheduler_class cd_schedule_##name_##_class;
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE

/* All of them, in the order of optim.def; ends with NULL. */
extern const cd_scheduler_class *const cd_scheduler_classes[];

/* What is wrong with a list of classes that ends with NULL, as a sentence for programmers: a
 * missing function, a name twice. NULL when nothing is. */
const char *cd_scheduler_classes_fault(const cd_scheduler_class *const *classes);

#endif
