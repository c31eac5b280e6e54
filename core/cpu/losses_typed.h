/* Losses that are more than a map and a sum, for one floating type. The formulas are in
 * losses_internal.h.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of losses_typed.h is missing"
#endif

#include "core/cpu/losses_internal.h"
#include "core/cpu/typed_internal.h"

static void TYPED(bce_with_logits)(int64_t n, char *const *data, const int64_t *stride,
                                   const void *params)
{
    (void)params;
    for (int64_t i = 0; i < n; i++) {
        double in[5];
        for (int k = 1; k < 5; k++) in[k] = *(const TYPE *)(data[k] + i * stride[k]);
        *(TYPE *)(data[0] + i * stride[0]) = (TYPE)cd_bce_with_logits(in[1], in[2], in[3], in[4]);
    }
}

static void TYPED(nll)(const cd_class_loss *loss, const void *input, void *output, double *sum,
                       double *total)
{
    const TYPE *x = input, *weight = loss->weight;
    TYPE *out = output;
    const int64_t inner = loss->inner, targets = loss->outer * inner;
    *sum = *total = 0;
    for (int64_t j = 0; j < targets; j++) {
        const int64_t c = loss->target[j];
        if (out) out[j] = 0;
        if (!cd_class_counts(loss, c)) continue;
        const TYPE w = weight ? weight[c] : 1;
        const TYPE value = -w * x[(j / inner * loss->classes + c) * inner + j % inner];
        if (out) out[j] = value;
        *sum += (double)value;
        *total += (double)w;
    }
}

/* dy of target j is dy[j * step]. dx is 0 before. */
static void TYPED(nll_backward)(const cd_class_loss *loss, const void *gradient, int64_t step,
                                double total, void *dx)
{
    const TYPE *dy = gradient, *weight = loss->weight;
    const int64_t inner = loss->inner, targets = loss->outer * inner;
    for (int64_t j = 0; j < targets; j++) {
        const int64_t c = loss->target[j];
        if (!cd_class_counts(loss, c)) continue;
        const double w = weight ? (double)weight[c] : 1;
        ((TYPE *)dx)[(j / inner * loss->classes + c) * inner + j % inner] =
            (TYPE)(-w * (double)dy[j * step] / total);
    }
}

/* The loss of a row whose first `count` targets count, times the number of classes. */
static double TYPED(margin_row)(const cd_margin_loss *loss, const TYPE *x, const int64_t *target,
                                int64_t count)
{
    const TYPE *weight = loss->weight;
    double sum = 0;
    for (int64_t k = 0; k < count; k++) {
        const TYPE room = (TYPE)loss->margin - x[target[k]];
        double of_target = 0;
        for (int64_t i = 0; i < loss->classes; i++) {
            const TYPE z = room + x[i];
            if (loss->is_target[i] || !(z > 0)) continue;
            of_target += (double)(loss->power == 1 ? z : z * z);
        }
        sum += weight ? of_target * (double)weight[target[k]] : of_target;
    }
    return sum;
}

static double TYPED(margin)(const cd_margin_loss *loss, const void *input, void *output)
{
    const TYPE *x = input;
    const int64_t *target = loss->target;
    double sum = 0;
    for (int64_t row = 0; row < loss->rows; row++) {
        const int64_t count = cd_mark_targets(loss, target);
        const double value = TYPED(margin_row)(loss, x, target, count) / (double)loss->classes;
        if (output) ((TYPE *)output)[row] = (TYPE)value;
        sum += value;
        x += loss->classes;
        target += loss->targets;
    }
    return sum;
}

/* Adds to a row of dx what its target t contributes. */
static void TYPED(margin_target)(const cd_margin_loss *loss, const TYPE *x, int64_t t, double dy,
                                 TYPE *dx)
{
    const TYPE room = (TYPE)loss->margin - x[t];
    double sum = 0;
    for (int64_t i = 0; i < loss->classes; i++) {
        const TYPE z = room + x[i];
        if (loss->is_target[i] || !(z > 0)) continue;
        const double slope = loss->power == 1 ? dy : 2 * (double)z * dy;
        dx[i] += (TYPE)slope;
        sum += slope;
    }
    dx[t] -= (TYPE)sum;
}

/* dy of a row is dy[row * step]. dx is 0 before. */
static void TYPED(margin_backward)(const cd_margin_loss *loss, const void *input,
                                   const void *gradient, int64_t step, double scale, void *output)
{
    const TYPE *x = input, *dy = gradient, *weight = loss->weight;
    const int64_t *target = loss->target;
    TYPE *dx = output;
    for (int64_t row = 0; row < loss->rows; row++) {
        const int64_t count = cd_mark_targets(loss, target);
        const double of_row = scale * (double)dy[row * step] / (double)loss->classes;
        for (int64_t k = 0; k < count; k++) {
            const double w = weight ? (double)weight[target[k]] : 1;
            TYPED(margin_target)(loss, x, target[k], of_row * w, dx);
        }
        x += loss->classes;
        dx += loss->classes;
        target += loss->targets;
    }
}

#undef TYPE
#undef SUFFIX
