#include "core/cpu/losses_internal.h"

#include <math.h>
#include <string.h>

/* --- binary cross entropy with logits --------------------------------------------------------- */

/* Of a large x the logarithm is -x or nearly 0, to all digits. */
static double log_sigmoid(double x)
{
    return (x < 0 ? x : 0) - log1p(exp(-fabs(x)));
}

static double bce(double x, double t, double weight, double positive)
{
    return weight * ((1 - t) * x - (1 + (positive - 1) * t) * log_sigmoid(x));
}

#define BCE(name_, type_)                                                                          \
    static void name_(int64_t n, char *const *data, const int64_t *stride, const void *params)     \
    {                                                                                              \
        (void)params;                                                                              \
        for (int64_t i = 0; i < n; i++) {                                                          \
            double in[5];                                                                          \
            for (int k = 1; k < 5; k++) in[k] = *(const type_ *)(data[k] + i * stride[k]);         \
            *(type_ *)(data[0] + i * stride[0]) = (type_)bce(in[1], in[2], in[3], in[4]);          \
        }                                                                                          \
    }
BCE(bce_f32, float)
BCE(bce_f64, double)

cd_loop *cd_cpu_bce_with_logits_loop(cd_dtype dtype)
{
    return dtype == CD_F32 ? bce_f32 : dtype == CD_F64 ? bce_f64 : NULL;
}

/* --- the negative logarithm of the right class's probability ---------------------------------- */

static bool counts(const cd_class_loss *loss, int64_t target)
{
    return target != loss->ignored && (uint64_t)target < (uint64_t)loss->classes;
}

#define NLL(suffix_, type_)                                                                        \
    static void nll_##suffix_(const cd_class_loss *loss, const type_ *x, type_ *out, double *sum,  \
                              double *total)                                                       \
    {                                                                                              \
        const type_ *weight = loss->weight;                                                        \
        const int64_t inner = loss->inner, targets = loss->outer * inner;                          \
        *sum = *total = 0;                                                                         \
        for (int64_t j = 0; j < targets; j++) {                                                    \
            const int64_t c = loss->target[j];                                                     \
            if (out) out[j] = 0;                                                                   \
            if (!counts(loss, c)) continue;                                                        \
            const type_ w = weight ? weight[c] : 1;                                                \
            const type_ value = -w * x[(j / inner * loss->classes + c) * inner + j % inner];       \
            if (out) out[j] = value;                                                               \
            *sum += (double)value;                                                                 \
            *total += (double)w;                                                                   \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void nll_backward_##suffix_(const cd_class_loss *loss, const type_ *dy, int64_t step,   \
                                       double total, type_ *dx)                                    \
    {                                                                                              \
        const type_ *weight = loss->weight;                                                        \
        const int64_t inner = loss->inner, targets = loss->outer * inner;                          \
        for (int64_t j = 0; j < targets; j++) {                                                    \
            const int64_t c = loss->target[j];                                                     \
            if (!counts(loss, c)) continue;                                                        \
            const double w = weight ? (double)weight[c] : 1;                                       \
            dx[(j / inner * loss->classes + c) * inner + j % inner] =                              \
                (type_)(-w * (double)dy[j * step] / total);                                        \
        }                                                                                          \
    }
NLL(f32, float)
NLL(f64, double)

void cd_cpu_nll_loss(cd_dtype dtype, const cd_class_loss *loss, const void *x, void *out,
                     double *sum, double *total)
{
    if (dtype == CD_F32) nll_f32(loss, x, out, sum, total);
    if (dtype == CD_F64) nll_f64(loss, x, out, sum, total);
}

void cd_cpu_nll_loss_backward(cd_dtype dtype, const cd_class_loss *loss, const void *dy,
                              bool one_for_all, double total, void *dx)
{
    int64_t elements = loss->outer * loss->classes * loss->inner;
    memset(dx, 0, (size_t)elements * cd_dtype_size(dtype));
    if (dtype == CD_F32) nll_backward_f32(loss, dy, !one_for_all, total, dx);
    if (dtype == CD_F64) nll_backward_f64(loss, dy, !one_for_all, total, dx);
}
