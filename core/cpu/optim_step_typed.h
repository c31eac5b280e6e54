/* Steps of optimizers over a run of elements, for one floating type. The formulas are in
 * optim_step_internal.h.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of optim_step_typed.h is missing"
#endif
#include "core/cpu/cpu_internal.h"
#include "core/cpu/optim_step_internal.h"
#include "core/cpu/typed_internal.h"

/* The gradient of element i with weight decay. Without decay the weight must not enter the sum: 0
 * times an infinite weight is NaN. */
#define GRADIENT(i_) (decays ? sign * g[i_] + decay * w[i_] : sign * g[i_])

static void TYPED(sgd)(int64_t n, void *weights, const void *gradients, void *buffer,
                       const cd_sgd_params *params)
{
    TYPE *w = weights, *b = buffer;
    const TYPE *g = gradients;
    const TYPE sign = params->maximize ? -1 : 1, decay = (TYPE)params->weight_decay;
    const TYPE lr = (TYPE)params->lr, momentum = (TYPE)params->momentum;
    const TYPE undamped = (TYPE)(1 - params->dampening);
    const bool decays = params->weight_decay != 0, nesterov = params->nesterov;
    if (params->momentum == 0) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < n; i++) w[i] -= lr * GRADIENT(i);
    } else if (params->first) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < n; i++) {
            const TYPE gradient = GRADIENT(i);
            b[i] = gradient;
            w[i] -= lr * (nesterov ? gradient + momentum * gradient : gradient);
        }
    } else {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < n; i++) {
            const TYPE gradient = GRADIENT(i), velocity = momentum * b[i] + undamped * gradient;
            b[i] = velocity;
            w[i] -= lr * (nesterov ? gradient + momentum * velocity : velocity);
        }
    }
}

#undef GRADIENT
#undef TYPE
#undef SUFFIX
