/* The kernels of losses that are more than a map and a sum. */
#ifndef CANDELA_CORE_CPU_LOSSES_INTERNAL_H
#define CANDELA_CORE_CPU_LOSSES_INTERNAL_H

#include <math.h>

#include "core/cpu/map_internal.h"

/* Binary cross entropy with logits: a loop for cd_cpu_map, whose operands are out, x, t, the weight
 * and the positive weight p, all f32 or all f64 and computed in double; NULL for another dtype.
 *
 *     out = weight ((1 - t) x - (1 + (p - 1) t) log(sigmoid(x)))
 *
 * With p = 1 that is weight (max(x, 0) - x t + log(1 + exp(-|x|))). */
cd_loop *cd_cpu_bce_with_logits_loop(cd_dtype dtype);

/* Loops for cd_cpu_map over out, x and t, all f32 or all f64; d = |x - t|. The params of the first
 * two are a double, the bound. */
typedef enum cd_loss_kind {
    CD_LOSS_SMOOTH_L1, /* d^2 / (2 bound) below the bound, d - bound / 2 from there on */
    CD_LOSS_HUBER,     /* d^2 / 2 up to the bound, bound (d - bound / 2) from there on */
    CD_LOSS_BCE,       /* cd_binary_cross_entropy_of, computed in double */
    CD_LOSS_LOOPS
} cd_loss_kind;
cd_loop *cd_cpu_loss_loop(cd_loss_kind kind, cd_dtype dtype);

/* The negative logarithm of the probability of the right class. x has outer x classes x inner
 * elements, which are logarithms of probabilities; target has outer x inner class indices. A target
 * equal to `ignored`, or that is no class, contributes nothing. */
typedef struct cd_class_loss {
    int64_t outer, classes, inner;
    const int64_t *target;
    const void *weight; /* one for each class, of x's dtype; NULL for 1 */
    int64_t ignored;
} cd_class_loss;

/* f32 and f64. out = -weight x, one for each target, unless out is NULL. *sum is the sum of these,
 * in the order of the targets, and *total is the sum of the weights. */
void cd_cpu_nll_loss(cd_dtype dtype, const cd_class_loss *loss, const void *x, void *out,
                     double *sum, double *total);

/* dx = -weight dy / total at each target's class, and 0 elsewhere. dy has one element for each
 * target, or a single one for all of them. */
void cd_cpu_nll_loss_backward(cd_dtype dtype, const cd_class_loss *loss, const void *dy,
                              bool one_for_all, double total, void *dx);

/* ---- between the files of losses ---- */

/* Whether a target contributes to the loss. */
static inline bool cd_class_counts(const cd_class_loss *loss, int64_t target)
{
    return target != loss->ignored && (uint64_t)target < (uint64_t)loss->classes;
}

/* log(sigmoid(x)), in a form that neither overflows nor loses digits. */
static inline double cd_log_sigmoid(double x)
{
    return (x < 0 ? x : 0) - log1p(exp(-fabs(x)));
}

/* The cross entropy of a probability x from 0 to 1 with the target t. As in PyTorch a logarithm is
 * -100 at least. */
static inline double cd_binary_cross_entropy_of(double x, double t)
{
    const double log_x = log(x), log_rest = log1p(-x);
    return (t - 1) * (log_rest > -100 ? log_rest : -100) - t * (log_x > -100 ? log_x : -100);
}

static inline double cd_bce_with_logits(double x, double t, double weight, double positive)
{
    return weight * ((1 - t) * x - (1 + (positive - 1) * t) * cd_log_sigmoid(x));
}

#endif
