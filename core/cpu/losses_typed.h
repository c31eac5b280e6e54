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

#undef TYPE
#undef SUFFIX
