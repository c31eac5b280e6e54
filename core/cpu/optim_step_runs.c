/* The formula is in optim_step_internal.h. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/optim_step_internal.h"

/* Without decay the weight must not enter the sum: 0 times an infinite weight is NaN. */
#define SLOPE(i_) (decays ? sign * g[i_] + decay * w[i_] : sign * g[i_])

#define SGD(suffix_, real_)                                                                        \
    static void sgd_##suffix_(int64_t n, void *weights, const void *gradients, void *buffer,       \
                              const cd_sgd_params *params)                                         \
    {                                                                                              \
        real_ *w = weights, *b = buffer;                                                           \
        const real_ *g = gradients;                                                                \
        const real_ sign = params->maximize ? -1 : 1, decay = (real_)params->weight_decay;         \
        const real_ lr = (real_)params->lr, momentum = (real_)params->momentum;                    \
        const real_ fresh = (real_)(1 - params->dampening);                                        \
        const bool decays = params->weight_decay != 0, nesterov = params->nesterov;                \
        if (params->momentum == 0) {                                                               \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) w[i] -= lr * SLOPE(i);                                 \
        } else if (params->first) {                                                                \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const real_ slope = SLOPE(i);                                                      \
                b[i] = slope;                                                                      \
                w[i] -= lr * (nesterov ? slope + momentum * slope : slope);                        \
            }                                                                                      \
        } else {                                                                                   \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const real_ slope = SLOPE(i), velocity = momentum * b[i] + fresh * slope;          \
                b[i] = velocity;                                                                   \
                w[i] -= lr * (nesterov ? slope + momentum * velocity : velocity);                  \
            }                                                                                      \
        }                                                                                          \
    }

SGD(f32, float)
SGD(f64, double)

const struct cd_cpu_optim_step CD_CPU_TABLE(optim_step) = {
    .sgd = { [CD_F32] = sgd_f32, [CD_F64] = sgd_f64 },
};
