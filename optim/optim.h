/* Optimizers, as torch.optim; schedules of the learning rate are in optim/schedule.h. */
#ifndef CANDELA_OPTIM_OPTIM_H
#define CANDELA_OPTIM_OPTIM_H

#include "nn/module.h"

CD_BEGIN_DECLS

typedef struct cd_optimizer cd_optimizer;

/* What the options of all optimizers begin with, behind a module.
 *
 *     cd_optim_adam(model, .lr = 1e-3)                    the parameters that model has now
 *     cd_optim_adam(NULL, .tensors = list, .count = n)    a list of floating leaves
 *
 * The list is borrowed during the call. The optimizer owns the parameters, not the module. In the
 * formulas below w is a parameter, g its gradient (-g with .maximize), lr the learning rate and t
 * the number of the step, from 1 on. A parameter without a gradient, such as a frozen one, is not
 * changed, by weight decay or momentum either. An option of 0 is one that was left out, so that
 * .lr = 0 is the default rate; .lr = CD_ZERO is a rate of 0 (core/api.h). An option out of its
 * range is CD_ERR_ARGUMENT. The functions return an optimizer that belongs to the open scope, or
 * NULL with an error. */
#define CD_OPTIMIZER_OPTIONS                                                                       \
    cd_tensor *const *tensors;                                                                     \
    int count;                                                                                     \
    double lr

/* Stochastic gradient descent, as torch.optim.SGD. A step changes each parameter w and its momentum
 * buffer b by its gradient:
 *
 *     d = g + weight_decay * w
 *     b = d at the first step, then momentum * b + (1 - dampening) * d
 *     w = w - lr * b                       (with nesterov: w - lr * (d + momentum * b))
 *
 * The rate multiplies b where w is updated. In Sutskever et al. 2013 it multiplies d where b is
 * updated, which differs once the rate changes. */
typedef struct cd_optim_sgd_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 1e-3 */
    double momentum;      /* default 0 */
    double weight_decay;  /* default 0 */
    double dampening;     /* default 0 */
    bool nesterov;        /* only with momentum and without dampening */
    bool maximize;        /* climb instead of descending */
} cd_optim_sgd_options;

CD_API cd_optimizer *cd_optim_sgd_with(cd_optim_sgd_options options);
#define cd_optim_sgd(...) cd_optim_sgd_with((cd_optim_sgd_options){ .module = __VA_ARGS__ })

/* Adam (Kingma and Ba 2015), as torch.optim.Adam:
 *
 *     d = g + weight_decay * w
 *     m = m + (1 - beta1) * (d - m),  v = beta2 * v + (1 - beta2) * d^2
 *     w = w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * With amsgrad the largest v so far takes the place of v in the last line (Reddi et al. 2018). */
typedef struct cd_optim_adam_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 1e-3 */
    double beta1;         /* default 0.9 */
    double beta2;         /* default 0.999 */
    double eps;           /* default 1e-8 */
    double weight_decay;  /* default 0 */
    bool amsgrad;
    bool maximize; /* climb instead of descending */
} cd_optim_adam_options;

CD_API cd_optimizer *cd_optim_adam_with(cd_optim_adam_options options);
#define cd_optim_adam(...) cd_optim_adam_with((cd_optim_adam_options){ .module = __VA_ARGS__ })

/* Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW: before the
 * step w becomes w - lr * weight_decay * w, and the decay does not enter d. */
typedef struct cd_optim_adamw_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 1e-3 */
    double beta1;         /* default 0.9 */
    double beta2;         /* default 0.999 */
    double eps;           /* default 1e-8 */
    double weight_decay;  /* default 1e-2 */
    bool amsgrad;
    bool maximize; /* climb instead of descending */
} cd_optim_adamw_options;

CD_API cd_optimizer *cd_optim_adamw_with(cd_optim_adamw_options options);
#define cd_optim_adamw(...) cd_optim_adamw_with((cd_optim_adamw_options){ .module = __VA_ARGS__ })

/* Adam with the infinity norm (Kingma and Ba 2015), as torch.optim.Adamax: d and m as in Adam, and
 *
 *     u = max(beta2 * u, |d| + eps),  w = w - lr / (1 - beta1^t) * m / u */
typedef struct cd_optim_adamax_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 2e-3 */
    double beta1;         /* default 0.9 */
    double beta2;         /* default 0.999 */
    double eps;           /* default 1e-8 */
    double weight_decay;  /* default 0 */
    bool maximize;        /* climb instead of descending */
} cd_optim_adamax_options;

CD_API cd_optimizer *cd_optim_adamax_with(cd_optim_adamax_options options);
#define cd_optim_adamax(...)                                                                       \
    cd_optim_adamax_with((cd_optim_adamax_options){ .module = __VA_ARGS__ })

/* Adam with Nesterov's momentum (Dozat 2016), as torch.optim.NAdam: d, m and v as in Adam, and
 *
 *     mu(t) = beta1 * (1 - 0.96^(t * momentum_decay) / 2),  p(t) = mu(1) * ... * mu(t)
 *     w = w - lr * ((1 - mu(t)) / (1 - p(t)) * d + mu(t + 1) / (1 - p(t + 1)) * m)
 *               / (sqrt(v / (1 - beta2^t)) + eps) */
typedef struct cd_optim_nadam_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS;        /* lr: default 2e-3 */
    double beta1;                /* default 0.9 */
    double beta2;                /* default 0.999 */
    double eps;                  /* default 1e-8 */
    double weight_decay;         /* default 0 */
    double momentum_decay;       /* default 4e-3 */
    bool decoupled_weight_decay; /* as in AdamW */
    bool maximize;               /* climb instead of descending */
} cd_optim_nadam_options;

CD_API cd_optimizer *cd_optim_nadam_with(cd_optim_nadam_options options);
#define cd_optim_nadam(...) cd_optim_nadam_with((cd_optim_nadam_options){ .module = __VA_ARGS__ })

/* Rectified Adam (Liu et al. 2020), as torch.optim.RAdam: d, m and v as in Adam. The rate of the
 * first steps, while the variance of v is too large, does not depend on v:
 *
 *     r(t) = R - 2 t beta2^t / (1 - beta2^t),  R = 2 / (1 - beta2) - 1
 *     w = w - lr * m / (1 - beta1^t)                              where r(t) <= 5; else this, times
 *             sqrt(1 - beta2^t) / (sqrt(v) + eps)
 *             * sqrt((r(t) - 4) (r(t) - 2) R / ((R - 4) (R - 2) r(t))) */
typedef struct cd_optim_radam_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS;        /* lr: default 1e-3 */
    double beta1;                /* default 0.9 */
    double beta2;                /* default 0.999 */
    double eps;                  /* default 1e-8 */
    double weight_decay;         /* default 0 */
    bool decoupled_weight_decay; /* as in AdamW */
    bool maximize;               /* climb instead of descending */
} cd_optim_radam_options;

CD_API cd_optimizer *cd_optim_radam_with(cd_optim_radam_options options);
#define cd_optim_radam(...) cd_optim_radam_with((cd_optim_radam_options){ .module = __VA_ARGS__ })

/* Adagrad (Duchi et al. 2011), as torch.optim.Adagrad:
 *
 *     d = g + weight_decay * w,  s = s + d^2,  s = initial_sum before the first step
 *     w = w - lr / (1 + (t - 1) * lr_decay) * d / (sqrt(s) + eps) */
typedef struct cd_optim_adagrad_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 1e-2 */
    double lr_decay;      /* default 0 */
    double weight_decay;  /* default 0 */
    double initial_sum;   /* default 0. PyTorch: initial_accumulator_value */
    double eps;           /* default 1e-10 */
    bool maximize;        /* climb instead of descending */
} cd_optim_adagrad_options;

CD_API cd_optimizer *cd_optim_adagrad_with(cd_optim_adagrad_options options);
#define cd_optim_adagrad(...)                                                                      \
    cd_optim_adagrad_with((cd_optim_adagrad_options){ .module = __VA_ARGS__ })

/* Adadelta (Zeiler 2012), as torch.optim.Adadelta:
 *
 *     d = g + weight_decay * w,  v = rho * v + (1 - rho) * d^2
 *     e = d * sqrt(a + eps) / sqrt(v + eps),  a = rho * a + (1 - rho) * e^2
 *     w = w - lr * e */
typedef struct cd_optim_adadelta_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 1 */
    double rho;           /* default 0.9 */
    double eps;           /* default 1e-6 */
    double weight_decay;  /* default 0 */
    bool maximize;        /* climb instead of descending */
} cd_optim_adadelta_options;

CD_API cd_optimizer *cd_optim_adadelta_with(cd_optim_adadelta_options options);
#define cd_optim_adadelta(...)                                                                     \
    cd_optim_adadelta_with((cd_optim_adadelta_options){ .module = __VA_ARGS__ })

/* RMSprop (Tieleman and Hinton 2012), as torch.optim.RMSprop:
 *
 *     d = g + weight_decay * w,  v = alpha * v + (1 - alpha) * d^2
 *     e = d / (sqrt(v) + eps)              (with centered: v - mean^2 in place of v, where
 *                                           mean = mean + (1 - alpha) * (d - mean))
 *     w = w - lr * e                       (with momentum: w - lr * b, b = momentum * b + e) */
typedef struct cd_optim_rmsprop_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 1e-2 */
    double alpha;         /* default 0.99 */
    double eps;           /* default 1e-8 */
    double weight_decay;  /* default 0 */
    double momentum;      /* default 0 */
    bool centered;
    bool maximize; /* climb instead of descending */
} cd_optim_rmsprop_options;

CD_API cd_optimizer *cd_optim_rmsprop_with(cd_optim_rmsprop_options options);
#define cd_optim_rmsprop(...)                                                                      \
    cd_optim_rmsprop_with((cd_optim_rmsprop_options){ .module = __VA_ARGS__ })

/* Resilient backpropagation (Riedmiller and Braun 1993), as torch.optim.Rprop, for whole batches:
 * only the sign of a gradient counts. Each element of w has its own step s, lr at first, which
 * grows by the factor etaplus while the sign of the gradient stays, and shrinks by etaminus when
 * it changes; then the element is not moved in this step.
 *
 *     w = w - sign(g) * s,  least_step <= s <= most_step */
typedef struct cd_optim_rprop_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 1e-2 */
    double etaminus;      /* default 0.5 */
    double etaplus;       /* default 1.2 */
    double least_step;    /* default 1e-6. PyTorch: step_sizes[0] */
    double most_step;     /* default 50. PyTorch: step_sizes[1] */
    bool maximize;        /* climb instead of descending */
} cd_optim_rprop_options;

CD_API cd_optimizer *cd_optim_rprop_with(cd_optim_rprop_options options);
#define cd_optim_rprop(...) cd_optim_rprop_with((cd_optim_rprop_options){ .module = __VA_ARGS__ })

/* Lion (Chen et al. 2023, arXiv 2302.06675), which torch.optim has not:
 *
 *     w = w - lr * (sign(beta1 * m + (1 - beta1) * g) + weight_decay * w)
 *     m = beta2 * m + (1 - beta2) * g */
typedef struct cd_optim_lion_options {
    cd_module *module;
    CD_GUARD_;
    CD_OPTIMIZER_OPTIONS; /* lr: default 1e-4 */
    double beta1;         /* default 0.9 */
    double beta2;         /* default 0.99 */
    double weight_decay;  /* default 0 */
    bool maximize;        /* climb instead of descending */
} cd_optim_lion_options;

CD_API cd_optimizer *cd_optim_lion_with(cd_optim_lion_options options);
#define cd_optim_lion(...) cd_optim_lion_with((cd_optim_lion_options){ .module = __VA_ARGS__ })

/* --- groups ----------------------------------------------------------------------------------- */

/* Options of some parameters, which differ from those that the optimizer was made with. An option
 * that is 0 stays as the optimizer has it; CD_ZERO is the number 0. */
typedef struct cd_group_options {
    cd_optimizer *optimizer;
    const char *names; /* a pattern, see cd_optimizer_group */
    CD_GUARD_;
    double lr, weight_decay, momentum, dampening, beta1, beta2, eps, momentum_decay, lr_decay, rho;
    double alpha, etaminus, etaplus, least_step, most_step;
} cd_group_options;

/* Makes a group of the parameters whose names match the pattern, with options of their own, as
 * PyTorch's list of dicts:
 *
 *     cd_optimizer *adamw = cd_optim_adamw(model, .lr = 1e-3);
 *     cd_optimizer_group(adamw, "*.bias", .weight_decay = CD_ZERO);
 *     cd_optimizer_group(adamw, "backbone.*", .lr = 1e-5);
 *
 * In a pattern * stands for any text, ? for one character and [abc] for one of these. The names
 * are those in the module that the optimizer was made for. A parameter that matches leaves the
 * group that it was in. Groups are numbered: 0 has the parameters of no other group. Returns the
 * number of the new group; -1 with an error. CD_ERR_ARGUMENT for an option that this optimizer
 * has not, or a pattern that no name matches; CD_ERR_STATE for an optimizer of a list of tensors,
 * which have no names, or one that has a schedule, which would not know the group. */
CD_API int cd_optimizer_group_with(cd_group_options options);
#define cd_optimizer_group(optimizer_, ...)                                                        \
    cd_optimizer_group_with((cd_group_options){ .optimizer = optimizer_, .names = __VA_ARGS__ })
/* How many groups there are, 1 or more; 0 with an error. */
CD_API int cd_optimizer_groups(const cd_optimizer *o);

/* --- steps ------------------------------------------------------------------------------------ */

/* Makes one step: updates every parameter that has a gradient. False with an error, and then no
 * parameter has changed. Does nothing while an error is pending. */
CD_API bool cd_step(cd_optimizer *o);

/* Drops the gradients of the optimizer's parameters: cd_grad then returns NULL, as after PyTorch's
 * zero_grad(set_to_none=True). */
CD_API bool cd_optimizer_zero_grad(cd_optimizer *o);

/* cd_zero_grad(optimizer) or cd_zero_grad(module). */
#define cd_zero_grad(x_)                                                                           \
    _Generic((x_), cd_optimizer * : cd_optimizer_zero_grad, cd_module * : cd_module_zero_grad)(x_)

/* The learning rate of group 0; 0 with an error. */
CD_API double cd_lr(const cd_optimizer *o);
/* Sets the learning rate of all groups. CD_ERR_ARGUMENT for one that is negative or not finite. */
CD_API bool cd_set_lr(cd_optimizer *o, double lr);
/* The same for one group. */
CD_API double cd_group_lr(const cd_optimizer *o, int group);
CD_API bool cd_set_group_lr(cd_optimizer *o, int group, double lr);

/* Names the optimizer's tensors that a captured graph uses, for cd_print_graph: "rate" for the
 * learning rate and "momentum" for the momentum, or for beta1 (in other groups than 0 "rate.1"
 * and so on), and for the state of a parameter the parameter's name in the graph and the state's,
 * "layer1.0.conv1.weight.momentum_buffer". Call cd_graph_name_module first: the state of a
 * parameter without a name gets none. */
CD_API bool cd_graph_name_optimizer(cd_graph *g, cd_optimizer *o);

CD_END_DECLS

#endif
