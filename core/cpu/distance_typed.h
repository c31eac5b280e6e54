/* Distances between rows of one type. Parameters: TYPE, SUFFIX. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter is missing"
#endif

#include <math.h>
#include <string.h>

#include "core/cpu/distance_internal.h"
#include "core/cpu/typed_internal.h"

/* NAME(a, b, n) folds the differences d of two rows. Eight partial results make the loop one of
 * vector instructions, and are joined at the end: both by JOIN(x, y), whose result is NaN if x or y
 * is. */
#define FOLD(name_, d_, value_, JOIN_)                                                             \
    static TYPE TYPED(name_)(const TYPE *a, const TYPE *b, int64_t n)                              \
    {                                                                                              \
        enum { LANES = 8 };                                                                        \
        TYPE lane[LANES] = { 0 };                                                                  \
        int64_t i = 0;                                                                             \
        for (; i + LANES <= n; i += LANES) {                                                       \
            for (int l = 0; l < LANES; l++) {                                                      \
                const TYPE d_ = a[i + l] - b[i + l], value = value_;                               \
                lane[l] = JOIN_(lane[l], value);                                                   \
            }                                                                                      \
        }                                                                                          \
        for (; i < n; i++) {                                                                       \
            const TYPE d_ = a[i] - b[i], value = value_;                                           \
            lane[0] = JOIN_(lane[0], value);                                                       \
        }                                                                                          \
        for (int l = 1; l < LANES; l++) lane[0] = JOIN_(lane[0], lane[l]);                         \
        return lane[0];                                                                            \
    }
#define SUM(x_, y_)    ((x_) + (y_))
#define LARGER(x_, y_) ((y_) > (x_) || (y_) != (y_) ? (y_) : (x_))
FOLD(count, d, (d == 0 ? 0 : d == d ? 1 : d), SUM)
FOLD(absolute, d, (d < 0 ? -d : d), SUM)
FOLD(squares, d, d *d, SUM)
FOLD(largest, d, (d < 0 ? -d : d), LARGER)
#undef FOLD
#undef SUM
#undef LARGER

static TYPE TYPED(power)(const TYPE *a, const TYPE *b, int64_t n, double p)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += pow(fabs((double)a[i] - (double)b[i]), p);
    return (TYPE)pow(sum, 1 / p);
}

static void TYPED(distances)(const cd_distances *d, void *y)
{
    const TYPE *a = d->a, *b = d->b;
    TYPE *out = y;
    const int64_t n = d->width;
    for (int64_t j = 0; j < d->rows; j++, b += n) {
        out[j] = d->p == 2     ? (TYPE)sqrt((double)TYPED(squares)(a, b, n))
                 : d->p == 1   ? TYPED(absolute)(a, b, n)
                 : d->p == 0   ? TYPED(count)(a, b, n)
                 : isinf(d->p) ? TYPED(largest)(a, b, n)
                               : TYPED(power)(a, b, n, d->p);
    }
}

/* --- by a product ----------------------------------------------------------------------------- */

static void TYPED(row_squares)(int64_t rows, int64_t width, const void *x, void *y)
{
    enum { LANES = 8 };
    const TYPE *row = x;
    for (int64_t i = 0; i < rows; i++, row += width) {
        TYPE lane[LANES] = { 0 };
        int64_t k = 0;
        for (; k + LANES <= width; k += LANES) {
            for (int l = 0; l < LANES; l++) lane[l] += row[k + l] * row[k + l];
        }
        for (; k < width; k++) lane[0] += row[k] * row[k];
        for (int l = 1; l < LANES; l++) lane[0] += lane[l];
        ((TYPE *)y)[i] = lane[0];
    }
}

static void TYPED(roots)(int64_t n, const void *a, const void *b, void *y)
{
    const TYPE own = *(const TYPE *)a, *others = b;
    TYPE *out = y;
    CD_CPU_VECTORISE
    for (int64_t j = 0; j < n; j++) {
        const TYPE square = out[j] + own + others[j];
        out[j] = (TYPE)sqrt((double)(square < 0 ? 0 : square));
    }
}

/* --- the gradient: each adds dy times the slope of the distance y between a and b ------------- */

static void TYPED(add_signs)(const TYPE *a, const TYPE *b, int64_t n, TYPE dy, TYPE *da)
{
    for (int64_t i = 0; i < n; i++) {
        const TYPE d = a[i] - b[i];
        da[i] += d > 0 ? dy : d < 0 ? -dy : d; /* which is 0, or NaN */
    }
}

static void TYPED(add_scaled)(const TYPE *a, const TYPE *b, int64_t n, TYPE factor, TYPE *da)
{
    for (int64_t i = 0; i < n; i++) da[i] += factor * (a[i] - b[i]);
}

static void TYPED(add_largest)(const TYPE *a, const TYPE *b, int64_t n, TYPE y, TYPE dy, TYPE *da)
{
    for (int64_t i = 0; i < n; i++) {
        const TYPE d = a[i] - b[i], below = y - (d < 0 ? -d : d);
        da[i] += below == 0 ? (d < 0 ? -dy : dy) : below > 0 ? 0 : below; /* NaN, as Inf - Inf */
    }
}

static void TYPED(add_powers)(const TYPE *a, const TYPE *b, int64_t n, double p, double factor,
                              TYPE *da)
{
    for (int64_t i = 0; i < n; i++) {
        const double d = (double)a[i] - (double)b[i];
        if (d != 0 || p > 1) da[i] += (TYPE)(factor * copysign(pow(fabs(d), p - 1), d));
    }
}

static void TYPED(backward)(const cd_distances *d, const void *y, const void *dy, void *da)
{
    const TYPE *a = d->a, *b = d->b, *at = y, *g = dy;
    const int64_t n = d->width;
    memset(da, 0, (size_t)n * sizeof(TYPE));
    for (int64_t j = 0; j < d->rows; j++, b += n) {
        if (at[j] == 0 || d->p == 0) continue;
        if (d->p == 1) {
            TYPED(add_signs)(a, b, n, g[j], da);
        } else if (d->p == 2) {
            TYPED(add_scaled)(a, b, n, g[j] / at[j], da);
        } else if (isinf(d->p)) {
            TYPED(add_largest)(a, b, n, at[j], g[j], da);
        } else {
            TYPED(add_powers)(a, b, n, d->p, (double)g[j] / pow((double)at[j], d->p - 1), da);
        }
    }
}

#undef TYPE
#undef SUFFIX
