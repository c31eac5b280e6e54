/* The kernels of losses that are more than a map and a sum. */
#ifndef CANDELA_CORE_CPU_LOSSES_INTERNAL_H
#define CANDELA_CORE_CPU_LOSSES_INTERNAL_H

#include <math.h>
#include <string.h>

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
    CD_LOSS_BCE_SLOPE, /* (x - t) / max(x (1 - x), 1e-12) */
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

/* The margin losses of rows of `classes` elements x, each with `targets` targets, of which those
 * from the first -1 on do not count. For each target t that counts, and each element i that is
 * none, z^power is added, where z = margin - x[t] + x[i] is above 0, times weight[t] / classes. */
typedef struct cd_margin_loss {
    int64_t rows, classes, targets, power;
    double margin;
    const int64_t *target;
    const void *weight; /* one for each class, of x's dtype; NULL for 1 */
    bool *is_target;    /* room for `classes` of them */
} cd_margin_loss;

/* f32 and f64. The loss of each row goes to out, unless that is NULL. Returns their sum. */
double cd_cpu_margin_loss(cd_dtype dtype, const cd_margin_loss *loss, const void *x, void *out);

/* dx is the gradient of x, where the loss of each row has the gradient scale dy. dy has one element
 * for each row, or a single one for all of them. */
void cd_cpu_margin_loss_backward(cd_dtype dtype, const cd_margin_loss *loss, const void *x,
                                 const void *dy, bool one_for_all, double scale, void *dx);

/* ---- between the files of losses ---- */

/* Marks the targets of a row, and returns how many of its list count. */
static inline int64_t cd_mark_targets(const cd_margin_loss *loss, const int64_t *target)
{
    int64_t count = 0;
    memset(loss->is_target, 0, (size_t)loss->classes * sizeof(bool));
    while (count < loss->targets && (uint64_t)target[count] < (uint64_t)loss->classes) {
        loss->is_target[target[count++]] = true;
    }
    return count;
}

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
