/* Batch norm of one channel, for one floating type: its statistics, parameters and gradients,
 * around the kernels that run over its elements.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of batch_norm_channel_typed.h is missing"
#endif
#include <math.h>

#include "core/cpu/batch_norm_internal.h"
#include "core/cpu/typed_internal.h"

/* A channel's element of a parameter or statistic. */
static double TYPED(get)(const void *array, int64_t channel)
{
    return (double)((const TYPE *)array)[channel];
}

static void TYPED(set)(void *array, int64_t channel, double value)
{
    ((TYPE *)array)[channel] = (TYPE)value;
}

static double TYPED(gamma_of)(const cd_batch_norm_call *norm, int64_t channel)
{
    return norm->gamma ? TYPED(get)(norm->gamma, channel) : 1;
}

static double TYPED(beta_of)(const cd_batch_norm_call *norm, int64_t channel)
{
    return norm->beta ? TYPED(get)(norm->beta, channel) : 0;
}

/* The first element of a channel of x, y, dy or dx; NULL if the array is NULL. */
static const TYPE *TYPED(input)(const cd_batch_norm_call *norm, const void *array, int64_t channel)
{
    return array ? (const TYPE *)array + channel * norm->pixels : NULL;
}

static TYPE *TYPED(output)(const cd_batch_norm_call *norm, void *array, int64_t channel)
{
    return array ? (TYPE *)array + channel * norm->pixels : NULL;
}

/* running = (1 - momentum) * running + momentum * value, unless `running` is NULL. */
static void TYPED(update_running)(const cd_batch_norm_task *t, void *running, int64_t channel,
                                  double value)
{
    if (!running) return;
    double old = TYPED(get)(running, channel);
    TYPED(set)(running, channel, (1 - t->momentum) * old + t->momentum * value);
}

static void TYPED(train)(const cd_batch_norm_task *t, int64_t channel)
{
    const cd_batch_norm_call *norm = t->norm;
    cd_batch_norm_channel elements = cd_batch_norm_elements(norm);
    const TYPE *x = TYPED(input)(norm, t->x, channel);
    double count = (double)(norm->images * norm->pixels);
    if (count == 0) { /* as in PyTorch: running statistics stay, and the zeros make gradients 0 */
        TYPED(set)(t->save_mean, channel, 0);
        TYPED(set)(t->save_invstd, channel, 0);
        return;
    }
    double mean = t->kernels->sum(elements, x) / count;
    double squares = t->kernels->squares(elements, x, mean);
    double invstd = 1 / sqrt(squares / count + norm->eps);
    TYPED(set)(t->save_mean, channel, mean);
    TYPED(set)(t->save_invstd, channel, invstd);
    TYPED(update_running)(t, t->running_mean, channel, mean);
    TYPED(update_running)(t, t->running_var, channel, squares / (count - 1));
    t->kernels->normalise(elements, x, mean, TYPED(gamma_of)(norm, channel) * invstd,
                          TYPED(beta_of)(norm, channel), TYPED(output)(norm, t->y, channel));
}

static void TYPED(eval)(const cd_batch_norm_task *t, int64_t channel)
{
    const cd_batch_norm_call *norm = t->norm;
    double invstd = 1 / sqrt(TYPED(get)(t->spread, channel) + norm->eps);
    t->kernels->normalise(cd_batch_norm_elements(norm), TYPED(input)(norm, t->x, channel),
                          TYPED(get)(t->mean, channel), TYPED(gamma_of)(norm, channel) * invstd,
                          TYPED(beta_of)(norm, channel), TYPED(output)(norm, t->y, channel));
}

/* In training, with a = gamma * invstd and P = sum(dy * (x - mean)) = dgamma / invstd,
 *
 *     dx = a dy  -  a invstd^2 P/count (x - mean)  -  a dbeta/count
 *
 * In inference mean and variance are constants, and dx = a dy. */
static void TYPED(backward)(const cd_batch_norm_task *t, int64_t channel, double invstd,
                            bool training)
{
    const cd_batch_norm_call *norm = t->norm;
    cd_batch_norm_channel elements = cd_batch_norm_elements(norm);
    const TYPE *dy = TYPED(input)(norm, t->dy, channel), *x = TYPED(input)(norm, t->x, channel);
    double mean = TYPED(get)(t->mean, channel), sum_dy = 0, sum_product = 0;
    if (training || t->dgamma || t->dbeta) {
        t->kernels->products(elements, dy, x, mean, &sum_dy, &sum_product);
    }
    if (t->dgamma) TYPED(set)(t->dgamma, channel, sum_product * invstd);
    if (t->dbeta) TYPED(set)(t->dbeta, channel, sum_dy);
    if (!t->dx) return;
    TYPE *dx = TYPED(output)(norm, t->dx, channel);
    double scale = TYPED(gamma_of)(norm, channel) * invstd;
    double count = (double)(norm->images * norm->pixels);
    if (training) {
        t->kernels->gradient(elements, dy, x, mean, scale,
                             -scale * invstd * invstd * sum_product / count,
                             -scale * sum_dy / count, dx);
    } else {
        t->kernels->normalise(elements, dy, 0, scale, 0, dx);
    }
}

static void TYPED(train_backward)(const cd_batch_norm_task *t, int64_t channel)
{
    TYPED(backward)(t, channel, TYPED(get)(t->spread, channel), true);
}

static void TYPED(eval_backward)(const cd_batch_norm_task *t, int64_t channel)
{
    TYPED(backward)(t, channel, 1 / sqrt(TYPED(get)(t->spread, channel) + t->norm->eps), false);
}

#undef TYPE
#undef SUFFIX
