/* One step of an optimizer over one parameter, in a single pass through memory. */
#ifndef CANDELA_CORE_CPU_OPTIM_STEP_INTERNAL_H
#define CANDELA_CORE_CPU_OPTIM_STEP_INTERNAL_H

#include "core/dtype.h"

typedef struct cd_sgd_params {
    double lr, momentum, dampening, weight_decay;
    bool nesterov;
    bool maximize;
    bool first; /* the momentum buffer is new: it becomes a copy of the gradient */
} cd_sgd_params;

/* Stochastic gradient descent as PyTorch defines it, f32 or f64, n elements of each:
 *
 *     g += weight_decay * w             (g negated before, to maximize; the caller's g stays)
 *     b = first ? g : momentum * b + (1 - dampening) * g
 *     w -= lr * (nesterov ? g + momentum * b : b)
 *
 * The rate multiplies the velocity at the update and not inside it, so a change of rate acts at
 * once. `buffer` is b; it is not touched, and may be NULL, when momentum is 0: then b is g. */
void cd_cpu_sgd(cd_dtype dtype, int64_t n, void *w, const void *g, void *buffer,
                const cd_sgd_params *params);

/* For n elements on this thread. */
typedef void cd_sgd_run(int64_t n, void *w, const void *g, void *buffer,
                        const cd_sgd_params *params);
struct cd_cpu_optim_step {
    cd_sgd_run *sgd[CD_DTYPE_COUNT];
};

#endif
