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

/* Stochastic gradient descent as torch.optim.SGD defines it, f32 or f64, over n elements of each
 * array:
 *
 *     g = (maximize ? -g : g) + weight_decay * w        the array g itself is not changed
 *     b = first ? g : momentum * b + (1 - dampening) * g
 *     w -= lr * (nesterov ? g + momentum * b : b)
 *
 * The learning rate is not part of the velocity b, so that a change of rate acts at once. `buffer`
 * holds b. With a momentum of 0 b is g, and `buffer` is not touched and may be NULL. */
void cd_cpu_sgd(cd_dtype dtype, int64_t n, void *w, const void *g, void *buffer,
                const cd_sgd_params *params);

/* The same on the calling thread alone. */
typedef void cd_sgd_run(int64_t n, void *w, const void *g, void *buffer,
                        const cd_sgd_params *params);
struct cd_cpu_optim_step_table {
    cd_sgd_run *sgd[CD_DTYPE_COUNT];
};

#endif
