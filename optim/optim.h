/* Optimizers and learning-rate schedules, as torch.optim. */
#ifndef CANDELA_OPTIM_OPTIM_H
#define CANDELA_OPTIM_OPTIM_H

#include "nn/module.h"

CD_BEGIN_DECLS

typedef struct cd_optimizer cd_optimizer;

/* Stochastic gradient descent, as torch.optim.SGD. A step changes each parameter w and its momentum
 * buffer v by its gradient:
 *
 *     g = grad + weight_decay * w
 *     v = g at the first step, then momentum * v + (1 - dampening) * g
 *     w = w - lr * v                       (with nesterov: w - lr * (g + momentum * v))
 *
 * The rate multiplies v where w is updated. In Sutskever et al. 2013 it multiplies g where v is
 * updated, which differs once the rate changes. A parameter without a gradient, such as a frozen
 * one, is not changed, by weight decay or momentum either.
 *
 *     cd_optim_sgd(model, .lr = 1e-2, .momentum = 0.9)   the parameters that model has now
 *     cd_optim_sgd(NULL, .tensors = list, .count = n)    a list of floating leaves
 *
 * The optimizer owns the parameters, not the module. Returns an optimizer that belongs to the open
 * scope, or NULL with an error. */
typedef struct cd_optim_sgd_options {
    cd_module *module;
    CD_GUARD_;
    cd_tensor *const *tensors; /* in place of a module; borrowed during the call */
    int count;                 /* of tensors */
    double lr;                 /* default, and for 0: 1e-3; CD_ZERO for 0 */
    double momentum;           /* default 0 */
    double weight_decay;       /* default 0 */
    double dampening;          /* default 0 */
    bool nesterov;             /* only with momentum and without dampening */
} cd_optim_sgd_options;

CD_API cd_optimizer *cd_optim_sgd_with(cd_optim_sgd_options options);
#define cd_optim_sgd(...) cd_optim_sgd_with((cd_optim_sgd_options){ .module = __VA_ARGS__ })

/* Makes one step: updates every parameter that has a gradient. False with an error, and then no
 * parameter has changed. Does nothing while an error is pending. */
CD_API bool cd_step(cd_optimizer *o);

/* Drops the gradients of the optimizer's parameters: cd_grad then returns NULL, as after PyTorch's
 * zero_grad(set_to_none=True). */
CD_API bool cd_optimizer_zero_grad(cd_optimizer *o);

/* cd_zero_grad(optimizer) or cd_zero_grad(module). */
#define cd_zero_grad(x_)                                                                           \
    _Generic((x_), cd_optimizer * : cd_optimizer_zero_grad, cd_module * : cd_module_zero_grad)(x_)

/* The learning rate; 0 with an error. */
CD_API double cd_lr(const cd_optimizer *o);
/* Sets the learning rate. CD_ERR_ARGUMENT for one that is negative or not finite. */
CD_API bool cd_set_lr(cd_optimizer *o, double lr);

/* Names the optimizer's tensors that a captured graph uses, for cd_print_graph: "rate" for the
 * learning rate, and for the state of a parameter the parameter's name in the graph and the
 * state's, "layer1.0.conv1.weight.momentum". Call cd_graph_name_module first: the state of a
 * parameter without a name gets none. */
CD_API bool cd_graph_name_optimizer(cd_graph *g, cd_optimizer *o);

/* --- schedules -------------------------------------------------------------------------------- */

typedef struct cd_scheduler cd_scheduler;

/* Cosine annealing (Loshchilov and Hutter 2017), as torch.optim.lr_scheduler.CosineAnnealingLR with
 * T_max = steps: half a cosine from lr(0), the rate that the optimizer has when the schedule is
 * made, down to min_lr, or up to it if it is above.
 *
 *     lr(t) = min_lr + (lr(0) - min_lr) * (1 + cos(pi * t / steps)) / 2
 *
 * t counts the calls of cd_scheduler_step. After t = steps the rate goes back, and is lr(0) again
 * at 2 steps, as in PyTorch. The schedule owns the optimizer. */
typedef struct cd_schedule_cosine_options {
    cd_optimizer *optimizer;
    int64_t steps; /* 1 or more */
    CD_GUARD_;
    double min_lr; /* default 0 */
} cd_schedule_cosine_options;

CD_API cd_scheduler *cd_schedule_cosine_with(cd_schedule_cosine_options options);
#define cd_schedule_cosine(optimizer_, ...)                                                        \
    cd_schedule_cosine_with(                                                                       \
        (cd_schedule_cosine_options){ .optimizer = optimizer_, .steps = __VA_ARGS__ })

/* Counts one more step of the schedule and sets the optimizer's rate. Call it once after each
 * cd_step, or once after each epoch if the schedule's steps are epochs. False with an error. */
CD_API bool cd_scheduler_step(cd_scheduler *s);

CD_END_DECLS

#endif
