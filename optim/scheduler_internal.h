/* What all schedules share: an optimizer, the rates that its groups had at first, and a count of
 * steps. A new schedule is a class with a formula for the rate; optim/schedules/step.c is the
 * example to copy. */
#ifndef CANDELA_OPTIM_SCHEDULER_INTERNAL_H
#define CANDELA_OPTIM_SCHEDULER_INTERNAL_H

#include <math.h>

#include "core/error.h"
#include "core/object_internal.h"
#include "nn/option_internal.h"
#include "optim/schedule.h"

enum { CD_SCHEDULE_NUMBERS = 3 };

/* How many schedules may be in each other: what they do is recursive. */
enum { CD_SCHEDULES_DEEP = 16 };

#define CD_PI 3.14159265358979323846

typedef struct cd_scheduler_class {
    const char *name;     /* PyTorch's name: "CosineAnnealingLR" */
    const char *function; /* what makes one, without cd_, for errors: "schedule_cosine" */
    /* The learning rate of a group after s->step calls of cd_scheduler_step, when it was `now`
     * before the last one. s->base[group] is lr(0). At step 0 it is what the schedule begins with,
     * and `now` what the optimizer has. NULL for a class that has `advance`. */
    double (*rate)(const cd_scheduler *s, int group, double now);
    /* Of a schedule without an lr(0): the rate with which it begins behind another schedule in a
     * sequence, whose last rate was `now`. NULL: it begins from lr(0). */
    double (*rate_behind)(const cd_scheduler *s, int group, double now);
    /* The momentum, or beta1, likewise; NULL: it stays. */
    double (*momentum)(const cd_scheduler *s, int group);
    /* Whether there is a step of the number s->step; false with an error. NULL: there is always
     * one. */
    bool (*has_step)(const cd_scheduler *s);
    /* In place of a formula: does a step, of which s->step is the number already, and sets the
     * rates. `metric` is what cd_scheduler_step_by was given, NAN in cd_scheduler_step. False with
     * an error. */
    bool (*advance)(cd_scheduler *s, double metric);
    /* With `advance`, of a schedule that has children: starts those that step 0 is made of. */
    bool (*start)(cd_scheduler *s);
    bool by_metric; /* is stepped by cd_scheduler_step_by alone */
    /* cd_scheduler_step_to is for it: s->number[0] is the part of the next step that is done. */
    bool takes_fractions;
    /* Its lr(0) becomes that of the schedules to come, also when it is not the first one. */
    bool rebases;
    /* Checks the options, when each is within its bounds, and sets s->base where it is not the
     * optimizer's rate; false with an error. NULL: there is nothing to do. */
    bool (*begin)(cd_scheduler *s);
    /* Names of the numbers in s->number, which are state beside the count of steps. */
    const char *number[CD_SCHEDULE_NUMBERS];
    /* The table of options, and the size of their struct, whose first member is the optimizer.
     * CD_SCHEDULER_CLASS sets them. */
    const cd_option *options;
    size_t options_bytes;
    /* Functions or other schedules are among the options, which cannot be written down then. */
    bool unwritable;
} cd_scheduler_class;

#define CD_SCHEDULER_CLASS(options_type_, table_)                                                  \
    .options = (table_), .options_bytes = sizeof(options_type_)

/* What a schedule sets in a group of the optimizer. */
typedef struct cd_schedule_rate {
    double lr, momentum;
} cd_schedule_rate;

struct cd_scheduler {
    cd_object object;
    const cd_scheduler_class *class_;
    cd_optimizer *optimizer; /* owned */
    void *options;           /* completed ones; its first member, the optimizer, is NULL */
    int groups;              /* of the optimizer */
    double *base;            /* lr(0) of each group */
    int64_t step;            /* calls of cd_scheduler_step so far */
    double number[CD_SCHEDULE_NUMBERS];
    cd_scheduler **children; /* owned ones, of sequential and chained */
    int child_count;
    const cd_scheduler *part_of; /* the last schedule that took it as a child; NULL: none */
    int depth;                   /* 0 without children, else one more than theirs */
    /* Room for the rates of a step before they are set, and what a step that fails restores: the
     * rates of each group, and the count of steps. */
    cd_schedule_rate *next, *before;
    int64_t step_before;
    int64_t *milestones; /* of multi_step and sequential */
    double *least;       /* of plateau: the lowest rate of each group */
};

/* Makes a schedule from the options that a call gave, in the class's struct, and sets the rates
 * that it begins with. It belongs to the open scope. NULL with an error. */
cd_scheduler *cd_scheduler_new(const cd_scheduler_class *class_, const void *options);
/* The same for another optimizer than the options say. CD_ERR_UNSUPPORTED for a class whose options
 * cannot be written down. */
cd_scheduler *cd_scheduler_make(const cd_scheduler_class *class_, cd_optimizer *optimizer,
                                const void *options);

/* For `begin`: takes these schedules as children. False with an error if one of them is no schedule
 * of this one's optimizer, is stepped by a metric, or is CD_SCHEDULES_DEEP deep. */
bool cd_scheduler_adopt(cd_scheduler *s, cd_scheduler *const *schedules, int count);
/* For `begin`: copies milestones, which must not be negative, and must rise if `rising`. */
bool cd_scheduler_copy_milestones(cd_scheduler *s, const int64_t *milestones, int count,
                                  bool rising);
/* Step 0, from the rates that the optimizer has. False with an error. */
bool cd_scheduler_start(cd_scheduler *s);
/* Step 0 from lr(0). False with an error, and then nothing has changed. */
bool cd_scheduler_restart(cd_scheduler *s);
/* Step 0 behind another schedule of a sequence. False with an error, and what has changed then
 * cd_scheduler_step takes back. */
bool cd_scheduler_follow(cd_scheduler *s);
/* One more step. False with an error, and what has changed then cd_scheduler_step takes back. */
bool cd_scheduler_advance(cd_scheduler *s, double metric);
/* For `begin` of schedules of the momentum: whether the optimizer has one; false with an error. */
bool cd_scheduler_check_momentum(const cd_scheduler *s);

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
