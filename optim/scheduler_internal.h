/* What all schedules share: an optimizer, the rate that it had at first, and a count of steps. A
 * new schedule is a class with a formula for the rate; optim/cosine.c is the example to copy. */
#ifndef CANDELA_OPTIM_SCHEDULER_INTERNAL_H
#define CANDELA_OPTIM_SCHEDULER_INTERNAL_H

#include "core/object_internal.h"
#include "nn/option_internal.h"
#include "optim/optim.h"

typedef struct cd_scheduler_class {
    const char *name; /* PyTorch's name: "CosineAnnealingLR" */
    size_t size;      /* of the schedule's struct, whose first member is a cd_scheduler */
    /* The learning rate after `step` calls of cd_scheduler_step; s->base is the rate at step 0. */
    double (*rate)(const cd_scheduler *s, int64_t step);
    /* The table of options and where the struct holds them, as in cd_module_class (nn/module.h). */
    const cd_option *options;
    size_t options_at, options_bytes;
    /* Makes a schedule for the optimizer from a struct of options. */
    cd_scheduler *(*make)(cd_optimizer *optimizer, const void *options);
} cd_scheduler_class;

struct cd_scheduler {
    cd_object object;
    const cd_scheduler_class *class_;
    cd_optimizer *optimizer; /* owned */
    double base;             /* the optimizer's rate when the schedule was made, lr(0) */
    int64_t step;            /* calls of cd_scheduler_step so far */
};

/* A new schedule, which owns the optimizer. The caller is the schedule's owner. NULL with an error.
 * `function` is the calling function's name, for errors. */
cd_scheduler *cd_scheduler_new(const cd_scheduler_class *class_, const char *function,
                               cd_optimizer *optimizer);

/* False with an error, which names the function, if s is NULL or no schedule. */
bool cd_check_scheduler(const cd_scheduler *s, const char *function);

/* The library's classes, each defined in the file that optim.def names. */
#define CD_OPTIMIZER(name_)
#define CD_SCHEDULE(name_) extern const cd_scheduler_class cd_schedule_##name_##_class;
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE

/* The library's classes in the order of optim.def; the list ends with NULL. */
extern const cd_scheduler_class *const cd_scheduler_classes[];

/* Says what is wrong with a list of classes that ends with NULL, for the programmer who wrote it: a
 * missing function, two classes of one name. NULL if nothing is wrong. */
const char *cd_scheduler_classes_fault(const cd_scheduler_class *const *classes);

#endif
