/* The values are PyTorch's (ATen/native/cpu/RangeFactoriesKernel.cpp, 2.15, as it runs on a
 * processor with AVX2 and FMA) bit for bit, which is why each is reckoned as it is. */
#include "core/cpu/range_internal.h"

#include <math.h>

/* Writes an integer that the dtype can hold. */
static void store(const cd_argument *out, int64_t i, int64_t value)
{
    switch (out->layout->dtype) {
    case CD_I64:
        ((int64_t *)out->data)[i] = value;
        break;
    case CD_I32:
        ((int32_t *)out->data)[i] = (int32_t)value;
        break;
    default:
        ((uint8_t *)out->data)[i] = (uint8_t)value;
        break;
    }
}

/* --- arange ----------------------------------------------------------------------------------- */

/* PyTorch takes two vectors at a time: the first number of each is reckoned from the start and
 * rounded, the others from that one. What is left is reckoned from the start, one by one. */
static void count_f32(float *out, int64_t n, double start, double step)
{
    enum { VECTOR = 8 };
    int64_t i = 0;
    for (; i < n - n % (2 * VECTOR); i += VECTOR) {
        float first = (float)fma(step, (double)i, start);
        for (int k = 0; k < VECTOR; k++) out[i + k] = (float)fma(step, k, (double)first);
    }
    for (; i < n; i++) out[i] = (float)fma(step, (double)i, start);
}

static void count_f64(double *out, int64_t n, double start, double step)
{
    enum { VECTOR = 4 };
    int64_t i = 0;
    for (; i < n - n % (2 * VECTOR); i += VECTOR) {
        double first = fma(step, (double)i, start);
        for (int k = 0; k < VECTOR; k++) out[i + k] = fma(step, k, first);
    }
    for (; i < n; i++) out[i] = fma(step, (double)i, start);
}

/* Modulo 2^64, as a product may leave int64 though the sum does not. */
static void count_integers(const cd_argument *out, int64_t n, uint64_t start, uint64_t step)
{
    for (int64_t i = 0; i < n; i++) store(out, i, (int64_t)(start + step * (uint64_t)i));
}

void cd_cpu_arange(const cd_argument *out, double start, double step)
{
    const int64_t n = out->layout->numel;
    if (out->layout->dtype == CD_F32) {
        count_f32(out->data, n, start, step);
    } else if (out->layout->dtype == CD_F64) {
        count_f64(out->data, n, start, step);
    } else {
        count_integers(out, n, (uint64_t)(int64_t)start, (uint64_t)(int64_t)step);
    }
}

/* --- linspace --------------------------------------------------------------------------------- */

/* Between n numbers; one has none, and any but 0 serves. */
static int64_t gaps(int64_t n)
{
    return n > 1 ? n - 1 : 1;
}

static void space_f32(float *out, int64_t n, float start, float end)
{
    float step = (end - start) / (float)gaps(n);
    for (int64_t i = 0; i < n / 2; i++) out[i] = fmaf(step, (float)i, start);
    for (int64_t i = n / 2; i < n; i++) out[i] = fmaf(-step, (float)(n - 1 - i), end);
}

static void space_f64(double *out, int64_t n, double start, double end)
{
    double step = (end - start) / (double)gaps(n);
    for (int64_t i = 0; i < n / 2; i++) out[i] = fma(step, (double)i, start);
    for (int64_t i = n / 2; i < n; i++) out[i] = fma(-step, (double)(n - 1 - i), end);
}

static void space_integers(const cd_argument *out, int64_t n, double start, double end)
{
    double step = (end - start) / (double)gaps(n);
    for (int64_t i = 0; i < n / 2; i++) store(out, i, (int64_t)fma(step, (double)i, start));
    for (int64_t i = n / 2; i < n; i++) {
        store(out, i, (int64_t)fma(-step, (double)(n - 1 - i), end));
    }
}

void cd_cpu_linspace(const cd_argument *out, double start, double end)
{
    const int64_t n = out->layout->numel;
    /* The last number is reckoned from the end, and an only one is the last. */
    if (n == 1) end = start;
    if (out->layout->dtype == CD_F32) {
        space_f32(out->data, n, (float)start, (float)end);
    } else if (out->layout->dtype == CD_F64) {
        space_f64(out->data, n, start, end);
    } else {
        space_integers(out, n, trunc(start), trunc(end));
    }
}
