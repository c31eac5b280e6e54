/* The choice of the losses' kernels by dtype. */
#include "core/cpu/losses_internal.h"

#include <string.h>

#include "core/cpu/typed_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/losses_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/losses_typed.h"

typedef void nll_function(const cd_class_loss *loss, const void *x, void *out, double *sum,
                          double *total);
typedef void nll_backward_function(const cd_class_loss *loss, const void *dy, int64_t step,
                                   double total, void *dx);

typedef double margin_function(const cd_margin_loss *loss, const void *x, void *out);
typedef void margin_backward_function(const cd_margin_loss *loss, const void *x, const void *dy,
                                      int64_t step, double scale, void *dx);

static cd_loop *const bce_with_logits[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(bce_with_logits) };
static nll_function *const nll[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(nll) };
static nll_backward_function *const nll_backward[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(nll_backward) };
static margin_function *const margin[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(margin) };
static margin_backward_function *const margin_backward[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(
    margin_backward) };

cd_loop *cd_cpu_bce_with_logits_loop(cd_dtype dtype)
{
    return bce_with_logits[dtype];
}

void cd_cpu_nll_loss(cd_dtype dtype, const cd_class_loss *loss, const void *x, void *out,
                     double *sum, double *total)
{
    nll[dtype](loss, x, out, sum, total);
}

void cd_cpu_nll_loss_backward(cd_dtype dtype, const cd_class_loss *loss, const void *dy,
                              bool one_for_all, double total, void *dx)
{
    int64_t elements = loss->outer * loss->classes * loss->inner;
    memset(dx, 0, (size_t)elements * cd_dtype_size(dtype));
    nll_backward[dtype](loss, dy, !one_for_all, total, dx);
}

double cd_cpu_margin_loss(cd_dtype dtype, const cd_margin_loss *loss, const void *x, void *out)
{
    return margin[dtype](loss, x, out);
}

void cd_cpu_margin_loss_backward(cd_dtype dtype, const cd_margin_loss *loss, const void *x,
                                 const void *dy, bool one_for_all, double scale, void *dx)
{
    memset(dx, 0, (size_t)(loss->rows * loss->classes) * cd_dtype_size(dtype));
    margin_backward[dtype](loss, x, dy, !one_for_all, scale, dx);
}
