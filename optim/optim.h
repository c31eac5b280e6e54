/* Optimizers and learning-rate schedules. */
#ifndef CANDELA_OPTIM_OPTIM_H
#define CANDELA_OPTIM_OPTIM_H

#include "nn/module.h"

CD_BEGIN_DECLS

typedef struct cd_optimizer cd_optimizer;

/* Stochastic gradient descent, with torch.optim.SGD's conventions:
 *
 *     g = grad + weight_decay * w
 *     v = g at the first step, then momentum * v + (1 - dampening) * g
 *     w = w - lr * v       (with nesterov: w - lr * (g + momentum * v))
 *
 * so the rate multiplies the velocity at the update and not inside it, unlike Sutskever et al.
 * 2013. Parameters that have no gradient (frozen ones) are not moved, by decay or momentum either.
 *
 * cd_optim_sgd(model, .lr = 1e-2, .momentum = 0.9) is over all parameters of a module, as they are
 * now; cd_optim_sgd(NULL, .tensors = list, .count = n) over a list of leaves. */
typedef struct cd_sgd_options {
    cd_module *module;
    CD_GUARD_;
    cd_tensor *const *tensors; /* with module NULL */
    int count;
    double lr;           /* 0: 1e-3, PyTorch's default; CD_ZERO for none */
    double momentum;     /* default 0 */
    double weight_decay; /* default 0 */
    double dampening;    /* default 0 */
    bool nesterov;       /* needs momentum and no dampening */
} cd_sgd_options;

CD_API cd_optimizer *cd_optim_sgd_with(cd_sgd_options options);
#define cd_optim_sgd(...) cd_optim_sgd_with((cd_sgd_options){ .module = __VA_ARGS__ })

/* One step over all parameters that have a gradient. All move or, on failure, none. Does nothing
 * while an error is pending. */
CD_API bool cd_step(cd_optimizer *o);

/* Drops the gradients, as PyTorch's zero_grad does by default. */
CD_API bool cd_optimizer_zero_grad(cd_optimizer *o);

/* cd_zero_grad(optimizer) or cd_zero_grad(module) */
#define cd_zero_grad(x_)                                                                           \
    _Generic((x_), cd_optimizer * : cd_optimizer_zero_grad, cd_module * : cd_module_zero_grad)(x_)

CD_API double cd_lr(const cd_optimizer *o);
CD_API bool cd_set_lr(cd_optimizer *o, double lr); /* finite, not negative */

/* Names what a captured graph keeps of the optimizer, after the names that its parameters have
 * there (cd_graph_name_module): "layer1.0.conv1.weight.momentum", and "rate". */
CD_API bool cd_graph_name_optimizer(cd_graph *g, cd_optimizer *o);

/* --- schedules -------------------------------------------------------------------------------- */

typedef struct cd_scheduler cd_scheduler;

/* Half a cosine from the optimizer's rate, as it is now, down to min_lr in `steps` steps
 * (Loshchilov and Hutter 2017; torch.optim.lr_scheduler.CosineAnnealingLR with T_max = steps):
 *
 *     lr(t) = min_lr + (lr(0) - min_lr) * (1 + cos(pi * t / steps)) / 2
 *
 * After `steps` steps it stays at min_lr (PyTorch's would rise again). The scheduler keeps the
 * optimizer. */
typedef struct cd_cosine_options {
    cd_optimizer *optimizer;
    int64_t steps; /* 1 or more */
    CD_GUARD_;
    double min_lr; /* default 0 */
} cd_cosine_options;

CD_API cd_scheduler *cd_schedule_cosine_with(cd_cosine_options options);
#define cd_schedule_cosine(optimizer_, ...)                                                        \
    cd_schedule_cosine_with((cd_cosine_options){ .optimizer = optimizer_, .steps = __VA_ARGS__ })

/* Sets the optimizer's rate for the next step: call it once after each cd_step (or each epoch, if
 * that is what `steps` counts). */
CD_API bool cd_scheduler_step(cd_scheduler *s);

CD_END_DECLS

#endif
