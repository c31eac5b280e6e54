/* arange and linspace: the integers, and the choice by dtype. */
#include "core/cpu/range_internal.h"

#include <math.h>

#include "core/cpu/typed_internal.h"

#define TYPE   float
#define SUFFIX f32
#define FMA    fmaf
#include "core/cpu/range_typed.h"

#define TYPE   double
#define SUFFIX f64
#define FMA    fma
#include "core/cpu/range_typed.h"

/* arange is computed modulo 2^64, as a product may leave int64 though the sum does not. The second
 * half of linspace is computed from the end, as in PyTorch. */
#define INTEGERS(suffix_, type_)                                                                   \
    static void arange_##suffix_(int64_t n, void *y, double start, double step)                    \
    {                                                                                              \
        const uint64_t first = (uint64_t)(int64_t)start, by = (uint64_t)(int64_t)step;             \
        type_ *out = y;                                                                            \
        for (int64_t i = 0; i < n; i++) out[i] = (type_)(first + by * (uint64_t)i);                \
    }                                                                                              \
                                                                                                   \
    static void linspace_##suffix_(int64_t n, void *y, double from, double to)                     \
    {                                                                                              \
        const double start = trunc(from), end = trunc(to);                                         \
        const double step = (end - start) / (double)cd_range_gaps(n);                              \
        type_ *out = y;                                                                            \
        for (int64_t i = 0; i < n / 2; i++) out[i] = (type_)(int64_t)fma(step, (double)i, start);  \
        for (int64_t i = n / 2; i < n; i++) {                                                      \
            out[i] = (type_)(int64_t)fma(-step, (double)(n - 1 - i), end);                         \
        }                                                                                          \
    }
INTEGERS(i64, int64_t)
INTEGERS(i32, int32_t)
INTEGERS(u8, uint8_t)

/* The last parameter is the step of arange, the end of linspace. */
typedef void range_function(int64_t n, void *y, double start, double step_or_end);
static range_function *const arange[CD_DTYPE_COUNT] = { CD_CPU_NUMBERS(arange) };
static range_function *const linspace[CD_DTYPE_COUNT] = { CD_CPU_NUMBERS(linspace) };

void cd_cpu_arange(const cd_array *out, double start, double step)
{
    arange[out->layout->dtype](out->layout->numel, out->data, start, step);
}

void cd_cpu_linspace(const cd_array *out, double start, double end)
{
    const int64_t n = out->layout->numel;
    /* The last number is computed from the end; a single number is the last one, but is `start`. */
    if (n == 1) end = start;
    linspace[out->layout->dtype](n, out->data, start, end);
}
