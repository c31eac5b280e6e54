/* Schedules of the learning rate, as torch.optim.lr_scheduler.
 *
 *     cd_scheduler *schedule = cd_schedule_cosine(optimizer, epochs);
 *     for each epoch: train, then cd_scheduler_step(schedule);
 *
 * A schedule sets the rate of each group of the optimizer. In the formulas below t counts the calls
 * of cd_scheduler_step, lr(t) is the rate of a group after t of them, and lr(0) the rate that the
 * group had when its first schedule was made. Most schedules change the rate that they find, as
 * PyTorch's do: so several of them, or cd_set_lr, may work on one optimizer. A schedule owns its
 * optimizer. The functions return a schedule that belongs to the open scope, or NULL with an error;
 * an option out of its range is CD_ERR_ARGUMENT. */
#ifndef CANDELA_OPTIM_SCHEDULE_H
#define CANDELA_OPTIM_SCHEDULE_H

#include "optim/optim.h"

CD_BEGIN_DECLS

typedef struct cd_scheduler cd_scheduler;

/* Counts one more step of the schedule and sets the optimizer's rates. Call it once after each
 * cd_step, or once after each epoch if the schedule's steps are epochs. False with an error, and
 * then no rate has changed. */
CD_API bool cd_scheduler_step(cd_scheduler *s);
/* The same for cd_schedule_plateau, which decides by a number such as the validation loss. */
CD_API bool cd_scheduler_step_by(cd_scheduler *s, double metric);
/* PyTorch's step(epoch) of CosineAnnealingWarmRestarts: goes to an epoch, of which a part may be
 * done, as cd_scheduler_step_to(s, epoch + (double)i / batches). cd_scheduler_step goes on from
 * there. CD_ERR_ARGUMENT for other schedules. */
CD_API bool cd_scheduler_step_to(cd_scheduler *s, double epoch);

/* StepLR: the rate is multiplied by gamma after each `size` steps. */
typedef struct cd_schedule_step_options {
    cd_optimizer *optimizer;
    int64_t size; /* 1 or more. PyTorch: step_size */
    CD_GUARD_;
    double gamma; /* default 0.1 */
} cd_schedule_step_options;

CD_API cd_scheduler *cd_schedule_step_with(cd_schedule_step_options options);
#define cd_schedule_step(optimizer_, ...)                                                          \
    cd_schedule_step_with(                                                                         \
        (cd_schedule_step_options){ .optimizer = optimizer_, .size = __VA_ARGS__ })

/* MultiStepLR: the rate is multiplied by gamma when t reaches a milestone, which may be 0; twice
 * for one that is listed twice. cd_schedule_multi_step(o, (int64_t[]){ 30, 80 }, 2). The array
 * is copied. */
typedef struct cd_schedule_multi_step_options {
    cd_optimizer *optimizer;
    const int64_t *milestones;
    int count; /* of milestones */
    CD_GUARD_;
    double gamma; /* default 0.1 */
} cd_schedule_multi_step_options;

CD_API cd_scheduler *cd_schedule_multi_step_with(cd_schedule_multi_step_options options);
#define cd_schedule_multi_step(optimizer_, ...)                                                    \
    cd_schedule_multi_step_with(                                                                   \
        (cd_schedule_multi_step_options){ .optimizer = optimizer_, .milestones = __VA_ARGS__ })

/* ExponentialLR: lr(t) = lr(0) * gamma^t. */
typedef struct cd_schedule_exponential_options {
    cd_optimizer *optimizer;
    double gamma;
    CD_GUARD_;
} cd_schedule_exponential_options;

CD_API cd_scheduler *cd_schedule_exponential_with(cd_schedule_exponential_options options);
#define cd_schedule_exponential(optimizer_, ...)                                                   \
    cd_schedule_exponential_with(                                                                  \
        (cd_schedule_exponential_options){ .optimizer = optimizer_, .gamma = __VA_ARGS__ })

/* ConstantLR: the rate is multiplied by `factor` for the first `steps` steps. */
typedef struct cd_schedule_constant_options {
    cd_optimizer *optimizer;
    CD_GUARD_;
    double factor; /* default 1/3; at most 1 */
    int64_t steps; /* default 5. PyTorch: total_iters */
} cd_schedule_constant_options;

CD_API cd_scheduler *cd_schedule_constant_with(cd_schedule_constant_options options);
#define cd_schedule_constant(...)                                                                  \
    cd_schedule_constant_with((cd_schedule_constant_options){ .optimizer = __VA_ARGS__ })

/* LinearLR: the rate's factor goes linearly from start_factor to end_factor in `steps` steps,
 * which makes a warm-up:
 *
 *     lr(t) = lr(0) * (start_factor + (end_factor - start_factor) * min(t, steps) / steps)
 *
 * Down to an end_factor of 0, PyTorch's last rate may be below 0 by rounding: it is 0 here. */
typedef struct cd_schedule_linear_options {
    cd_optimizer *optimizer;
    CD_GUARD_;
    double start_factor; /* default 1/3; above 0 and at most 1 */
    double end_factor;   /* default 1; at most 1; CD_ZERO for 0 */
    int64_t steps;       /* default 5. PyTorch: total_iters */
} cd_schedule_linear_options;

CD_API cd_scheduler *cd_schedule_linear_with(cd_schedule_linear_options options);
#define cd_schedule_linear(...)                                                                    \
    cd_schedule_linear_with((cd_schedule_linear_options){ .optimizer = __VA_ARGS__ })

/* PolynomialLR: lr(t) = lr(0) * (1 - min(t, steps) / steps)^power. */
typedef struct cd_schedule_polynomial_options {
    cd_optimizer *optimizer;
    CD_GUARD_;
    int64_t steps; /* default 5. PyTorch: total_iters */
    double power;  /* default 1 */
} cd_schedule_polynomial_options;

CD_API cd_scheduler *cd_schedule_polynomial_with(cd_schedule_polynomial_options options);
#define cd_schedule_polynomial(...)                                                                \
    cd_schedule_polynomial_with((cd_schedule_polynomial_options){ .optimizer = __VA_ARGS__ })

/* CosineAnnealingLR with T_max = steps (Loshchilov and Hutter 2017, without restarts): half a
 * cosine from lr(0) to min_lr, and after that back again:
 *
 *     lr(t) = min_lr + (lr(0) - min_lr) * (1 + cos(pi * t / steps)) / 2 */
typedef struct cd_schedule_cosine_options {
    cd_optimizer *optimizer;
    int64_t steps; /* 1 or more */
    CD_GUARD_;
    double min_lr; /* default 0. PyTorch: eta_min */
} cd_schedule_cosine_options;

CD_API cd_scheduler *cd_schedule_cosine_with(cd_schedule_cosine_options options);
#define cd_schedule_cosine(optimizer_, ...)                                                        \
    cd_schedule_cosine_with(                                                                       \
        (cd_schedule_cosine_options){ .optimizer = optimizer_, .steps = __VA_ARGS__ })

/* CosineAnnealingWarmRestarts (Loshchilov and Hutter 2017): half a cosine from lr(0) to min_lr,
 * which begins again from lr(0) after `first` steps, and after that each time after `longer`
 * times as many as before. */
typedef struct cd_schedule_cosine_restarts_options {
    cd_optimizer *optimizer;
    int64_t first; /* 1 or more. PyTorch: T_0 */
    CD_GUARD_;
    int64_t longer; /* default 1. PyTorch: T_mult */
    double min_lr;  /* default 0. PyTorch: eta_min */
} cd_schedule_cosine_restarts_options;

CD_API cd_scheduler *cd_schedule_cosine_restarts_with(cd_schedule_cosine_restarts_options options);
#define cd_schedule_cosine_restarts(optimizer_, ...)                                               \
    cd_schedule_cosine_restarts_with(                                                              \
        (cd_schedule_cosine_restarts_options){ .optimizer = optimizer_, .first = __VA_ARGS__ })

/* OneCycleLR (Smith and Topin 2018): in `steps` steps from max_lr / div_factor up to max_lr and
 * down to max_lr / div_factor / final_div_factor, along half cosines, or lines if `linear`. The
 * momentum, or beta1, goes the other way, from max_momentum to base_momentum and back. With
 * three_phase the way down is symmetric to the way up, and a third phase goes on to the last
 * rate. After step number `steps` - 1 the rate is the last one; one more step is allowed, as in
 * PyTorch, whose rate may then be below 0: it is 0 here. A step beyond `steps` is CD_ERR_STATE. An
 * optimizer without momentum needs no_cycle_momentum, CD_ERR_ARGUMENT otherwise; PyTorch gives such
 * an SGD the momentum of the cycle. The same holds for CyclicLR. */
typedef struct cd_schedule_one_cycle_options {
    cd_optimizer *optimizer;
    double max_lr; /* above 0 */
    int64_t steps; /* 2 or more. PyTorch: total_steps */
    CD_GUARD_;
    double pct_start;        /* the share of the way up; default 0.3 */
    bool linear;             /* PyTorch: anneal_strategy="linear" */
    bool no_cycle_momentum;  /* leave the momentum as it is */
    double base_momentum;    /* default 0.85 */
    double max_momentum;     /* default 0.95 */
    double div_factor;       /* default 25 */
    double final_div_factor; /* default 1e4 */
    bool three_phase;
} cd_schedule_one_cycle_options;

CD_API cd_scheduler *cd_schedule_one_cycle_with(cd_schedule_one_cycle_options options);
#define cd_schedule_one_cycle(optimizer_, ...)                                                     \
    cd_schedule_one_cycle_with(                                                                    \
        (cd_schedule_one_cycle_options){ .optimizer = optimizer_, .max_lr = __VA_ARGS__ })

typedef enum cd_cyclic_mode { CD_TRIANGULAR = 0, CD_TRIANGULAR2, CD_EXP_RANGE } cd_cyclic_mode;

/* CyclicLR (Smith 2017): from base_lr up to max_lr in size_up steps, back in size_down steps, and
 * again. In each cycle the height is half of the one before with CD_TRIANGULAR2; with
 * CD_EXP_RANGE it is multiplied by gamma^t. The momentum, or beta1, goes the other way, from
 * max_momentum to base_momentum. */
typedef struct cd_schedule_cyclic_options {
    cd_optimizer *optimizer;
    double base_lr;
    double max_lr;
    CD_GUARD_;
    int64_t size_up;        /* default 2000. PyTorch: step_size_up */
    int64_t size_down;      /* default size_up */
    int64_t mode;           /* a cd_cyclic_mode; default CD_TRIANGULAR */
    double gamma;           /* default 1 */
    bool no_cycle_momentum; /* leave the momentum as it is */
    double base_momentum;   /* default 0.8 */
    double max_momentum;    /* default 0.9 */
} cd_schedule_cyclic_options;

CD_API cd_scheduler *cd_schedule_cyclic_with(cd_schedule_cyclic_options options);
#define cd_schedule_cyclic(optimizer_, ...)                                                        \
    cd_schedule_cyclic_with(                                                                       \
        (cd_schedule_cyclic_options){ .optimizer = optimizer_, .base_lr = __VA_ARGS__ })

/* ReduceLROnPlateau: the rate is multiplied by `factor` when the metric has not become better in
 * more than `patience` steps of cd_scheduler_step_by. Better is lower than the best before, by
 * the share `threshold` of it, or by `threshold` itself if `absolute`. After that it waits
 * `cooldown` steps. A rate that would change by less than eps stays. */
typedef struct cd_schedule_plateau_options {
    cd_optimizer *optimizer;
    CD_GUARD_;
    bool maximum;     /* higher is better. PyTorch: mode="max" */
    double factor;    /* default 0.1; below 1 */
    double patience;  /* default 10; CD_ZERO for 0 */
    double threshold; /* default 1e-4 */
    bool absolute;    /* PyTorch: threshold_mode="abs" */
    int64_t cooldown; /* default 0 */
    double min_lr;    /* default 0 */
    double eps;       /* default 1e-8 */
    /* PyTorch's list as min_lr: one for each group of the optimizer, in place of .min_lr. The array
     * is copied, and is not among the options that are written down. */
    const double *min_lrs;
    int min_lr_count;
} cd_schedule_plateau_options;

CD_API cd_scheduler *cd_schedule_plateau_with(cd_schedule_plateau_options options);
#define cd_schedule_plateau(...)                                                                   \
    cd_schedule_plateau_with((cd_schedule_plateau_options){ .optimizer = __VA_ARGS__ })

/* SWALR of torch.optim.swa_utils: from the rate at its beginning to swa_lr in `steps` steps, along
 * half a cosine, or a line if `linear`; after that the rate stays there, for the averaging of
 * weights (Izmailov et al. 2018). It has no lr(0): behind another schedule in a sequence it begins
 * from that one's last rate. */
typedef struct cd_schedule_swa_options {
    cd_optimizer *optimizer;
    double swa_lr; /* CD_ZERO for 0 */
    CD_GUARD_;
    double steps; /* default 10; CD_ZERO for 0, which means at once. PyTorch: anneal_epochs */
    bool linear;  /* PyTorch: anneal_strategy="linear" */
} cd_schedule_swa_options;

CD_API cd_scheduler *cd_schedule_swa_with(cd_schedule_swa_options options);
#define cd_schedule_swa(optimizer_, ...)                                                           \
    cd_schedule_swa_with(                                                                          \
        (cd_schedule_swa_options){ .optimizer = optimizer_, .swa_lr = __VA_ARGS__ })

/* A factor of the rate after t steps. */
typedef double cd_rate_function(int64_t t, void *user);

/* LambdaLR: lr(t) = lr(0) * function(t, user). */
typedef struct cd_schedule_lambda_options {
    cd_optimizer *optimizer;
    cd_rate_function *function;
    CD_GUARD_;
    void *user; /* passed to the function */
} cd_schedule_lambda_options;

CD_API cd_scheduler *cd_schedule_lambda_with(cd_schedule_lambda_options options);
#define cd_schedule_lambda(optimizer_, ...)                                                        \
    cd_schedule_lambda_with(                                                                       \
        (cd_schedule_lambda_options){ .optimizer = optimizer_, .function = __VA_ARGS__ })

/* MultiplicativeLR: lr(t) = lr(t - 1) * function(t, user). It has no lr(0): behind another schedule
 * in a sequence it begins, as in PyTorch, with that one's last rate times function(0, user). */
typedef struct cd_schedule_multiplicative_options {
    cd_optimizer *optimizer;
    cd_rate_function *function;
    CD_GUARD_;
    void *user; /* passed to the function */
} cd_schedule_multiplicative_options;

CD_API cd_scheduler *cd_schedule_multiplicative_with(cd_schedule_multiplicative_options options);
#define cd_schedule_multiplicative(optimizer_, ...)                                                \
    cd_schedule_multiplicative_with(                                                               \
        (cd_schedule_multiplicative_options){ .optimizer = optimizer_, .function = __VA_ARGS__ })

/* SequentialLR: schedules one after the other, each of them made before for this optimizer. When
 * t reaches milestones[i], schedules[i + 1] begins from lr(0), if it has one:
 *
 *     cd_scheduler *parts[] = { cd_schedule_linear(o, .steps = 5), cd_schedule_cosine(o, 95) };
 *     cd_schedule_sequential(o, parts, 2, .milestones = (int64_t[]){ 5 });
 *
 * The arrays are copied; the new schedule owns the others, which cannot be stepped by themselves
 * any more (CD_ERR_STATE; PyTorch lets them, and the rates are then neither's). Milestones rise;
 * there is one fewer than schedules. Schedules that are more than 16 deep in each other are
 * CD_ERR_UNSUPPORTED. */
typedef struct cd_schedule_sequential_options {
    cd_optimizer *optimizer;
    cd_scheduler *const *schedules;
    int count; /* of schedules */
    CD_GUARD_;
    const int64_t *milestones;
} cd_schedule_sequential_options;

CD_API cd_scheduler *cd_schedule_sequential_with(cd_schedule_sequential_options options);
#define cd_schedule_sequential(optimizer_, ...)                                                    \
    cd_schedule_sequential_with(                                                                   \
        (cd_schedule_sequential_options){ .optimizer = optimizer_, .schedules = __VA_ARGS__ })

/* ChainedScheduler: a step is a step of each of these schedules, in their order. The array is
 * copied; the new schedule owns the others, which cannot be stepped by themselves any more
 * (CD_ERR_STATE, unlike in PyTorch). In a sequence it begins from lr(0) with step 0 of each
 * of them; PyTorch makes another step of some of them there, or refuses it. */
typedef struct cd_schedule_chained_options {
    cd_optimizer *optimizer;
    cd_scheduler *const *schedules;
    int count; /* of schedules */
    CD_GUARD_;
} cd_schedule_chained_options;

CD_API cd_scheduler *cd_schedule_chained_with(cd_schedule_chained_options options);
#define cd_schedule_chained(optimizer_, ...)                                                       \
    cd_schedule_chained_with(                                                                      \
        (cd_schedule_chained_options){ .optimizer = optimizer_, .schedules = __VA_ARGS__ })

CD_END_DECLS

#endif
