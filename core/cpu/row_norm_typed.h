/* The kernels of normalisation over one row, for one floating type. row_norm_internal.h says
 * what each computes.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h).
 *
 * A sum is made of runs of RUN elements. A run has 32 lanes of TYPE, where lane l takes the
 * elements l, l + 32, ...; the sums of the runs are added in double. The order is the same in
 * every build. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of row_norm_typed.h is missing"
#endif
#include "core/cpu/cpu_internal.h"
#include "core/cpu/row_norm_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"

#define LANES 32
#define RUN   512

/* So that the lanes stay in registers. */
#ifdef __clang__
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* The sum of a run, of value_ for i from 0 to n - 1. It is a loop for each sum, since gcc
 * vectorises one that adds up two badly. */
#define SUM_OF_RUN(name_, value_)                                                                  \
    static double TYPED(name_)(int64_t n, const TYPE *x, const TYPE *dy, const TYPE *w, TYPE mean) \
    {                                                                                              \
        TYPE lane[LANES] = { 0 };                                                                  \
        int64_t start = 0;                                                                         \
        (void)x, (void)dy, (void)w, (void)mean;                                                    \
        for (; start + LANES <= n; start += LANES) {                                               \
            UNROLL                                                                                 \
            for (int l = 0; l < LANES; l++) {                                                      \
                const int64_t i = start + l;                                                       \
                lane[l] += value_;                                                                 \
            }                                                                                      \
        }                                                                                          \
        for (int64_t i = start; i < n; i++) lane[i - start] += value_;                             \
        for (int width = LANES / 2; width > 0; width /= 2) {                                       \
            for (int l = 0; l < width; l++) lane[l] += lane[l + width];                            \
        }                                                                                          \
        return (double)lane[0];                                                                    \
    }

SUM_OF_RUN(run_x, x[i])
SUM_OF_RUN(run_off, x[i] - mean)
SUM_OF_RUN(run_square, (x[i] - mean) * (x[i] - mean))
SUM_OF_RUN(run_dy, dy[i])
SUM_OF_RUN(run_dy_off, dy[i] * (x[i] - mean))
SUM_OF_RUN(run_g, dy[i] * w[i])
SUM_OF_RUN(run_g_off, dy[i] * w[i] * (x[i] - mean))

/* A first sum gives the mean but for its rounding, which the sums of what is left then correct. */
static void TYPED(moments)(int64_t size, const void *from, bool centred, double *mean,
                           double *square)
{
    const TYPE *x = from;
    const double n = (double)size;
    double sum = 0, squares = 0;
    for (int64_t i = 0; centred && i < size; i += RUN) {
        sum += TYPED(run_x)(cd_smaller(RUN, size - i), x + i, NULL, NULL, 0);
    }
    const TYPE shift = (TYPE)(sum / n);
    sum = 0;
    for (int64_t i = 0; i < size; i += RUN) {
        const int64_t length = cd_smaller(RUN, size - i);
        if (centred) sum += TYPED(run_off)(length, x + i, NULL, NULL, shift);
        squares += TYPED(run_square)(length, x + i, NULL, NULL, shift);
    }
    const double off = sum / n, var = squares / n - off * off;
    *mean = (double)shift + off;
    *square = var < 0 ? 0 : var; /* NaN stays */
}

static void TYPED(normalise)(int64_t size, const void *from, double mean, double scale,
                             const void *weight, const void *bias, void *to)
{
    const TYPE *x = from, *w = weight, *b = bias, m = (TYPE)mean, r = (TYPE)scale;
    TYPE *y = to;
    if (w && b) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < size; i++) y[i] = (x[i] - m) * r * w[i] + b[i];
    } else if (w) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < size; i++) y[i] = (x[i] - m) * r * w[i];
    } else if (b) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < size; i++) y[i] = (x[i] - m) * r + b[i];
    } else {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < size; i++) y[i] = (x[i] - m) * r;
    }
}

/* The sums of g = dy w and of g (x - mean); without w, g is dy. */
static void TYPED(products)(int64_t size, const TYPE *dy, const TYPE *x, const TYPE *w, TYPE mean,
                            double *sum, double *product)
{
    *sum = *product = 0;
    for (int64_t i = 0; i < size; i += RUN) {
        const int64_t n = cd_smaller(RUN, size - i);
        if (w) {
            *sum += TYPED(run_g)(n, x + i, dy + i, w + i, mean);
            *product += TYPED(run_g_off)(n, x + i, dy + i, w + i, mean);
        } else {
            *sum += TYPED(run_dy)(n, x + i, dy + i, NULL, mean);
            *product += TYPED(run_dy_off)(n, x + i, dy + i, NULL, mean);
        }
    }
}

/* dx = a g + (x - mean) slope + shift. */
static void TYPED(input_gradient)(const cd_row_norm_gradient *row, const TYPE *dy, const TYPE *x)
{
    const TYPE *w = row->weight, m = (TYPE)row->mean, a = (TYPE)row->rstd;
    const double n = (double)row->size;
    double sum, product;
    TYPED(products)(row->size, dy, x, w, m, &sum, &product);
    const TYPE slope = (TYPE)(-row->rstd * row->rstd * row->rstd * product / n);
    const TYPE shift = row->centred ? (TYPE)(-row->rstd * sum / n) : 0;
    TYPE *dx = row->dx;
    if (w) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < row->size; i++) {
            dx[i] = dy[i] * w[i] * a + ((x[i] - m) * slope + shift);
        }
    } else {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < row->size; i++) dx[i] = dy[i] * a + ((x[i] - m) * slope + shift);
    }
}

static void TYPED(gradient)(const cd_row_norm_gradient *row, const void *row_dy, const void *row_x)
{
    const TYPE *dy = row_dy, *x = row_x, m = (TYPE)row->mean, r = (TYPE)row->rstd;
    TYPE *dw = row->dweight, *db = row->dbias;
    if (row->dx) TYPED(input_gradient)(row, dy, x);
    if (dw && db) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < row->size; i++) {
            dw[i] += dy[i] * ((x[i] - m) * r);
            db[i] += dy[i];
        }
    } else if (dw) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < row->size; i++) dw[i] += dy[i] * ((x[i] - m) * r);
    } else if (db) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < row->size; i++) db[i] += dy[i];
    }
}

static void TYPED(add_up)(int64_t count, int64_t stride, const void *from, int64_t first,
                          int64_t end, void *to)
{
    for (int64_t at = first; at < end; at += LANES) {
        const int64_t width = cd_smaller(LANES, end - at);
        double sum[LANES] = { 0 };
        for (int64_t k = 0; k < count; k++) {
            const TYPE *line = (const TYPE *)from + k * stride + at;
            for (int64_t i = 0; i < width; i++) sum[i] += (double)line[i];
        }
        for (int64_t i = 0; i < width; i++) ((TYPE *)to)[at + i] = (TYPE)sum[i];
    }
}

#undef LANES
#undef RUN
#undef UNROLL
#undef SUM_OF_RUN
#undef TYPE
#undef SUFFIX
