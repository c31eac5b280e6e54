/* The kernels of normalisation over one row, for one floating type. row_norm_internal.h says what
 * each computes.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h).
 *
 * A sum has 16 lanes, where lane l takes the elements l, l + 16, ...: as wide as four vectors of
 * doubles. Its order is the same in every build. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of row_norm_typed.h is missing"
#endif
#include "core/cpu/cpu_internal.h"
#include "core/cpu/row_norm_internal.h"
#include "core/cpu/typed_internal.h"

#define LANES 16

/* The lanes of a sum, added in order. */
static double TYPED(total)(const double lane[LANES])
{
    double sum = 0;
    for (int l = 0; l < LANES; l++) sum += lane[l];
    return sum;
}

/* The sums of x - shift and of its square, in one pass. From these the variance is exact enough if
 * the shift is an element of the row: the square of its distance from the mean is at most the sum
 * of all such squares. */
static void TYPED(sums)(int64_t size, const TYPE *x, double shift, double *sum, double *squares)
{
    double plain[LANES] = { 0 }, square[LANES] = { 0 };
    int64_t i = 0;
    for (; i + LANES <= size; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            const double off = (double)x[i + l] - shift;
            plain[l] += off;
            square[l] += off * off;
        }
    }
    for (int l = 0; i + l < size; l++) {
        const double off = (double)x[i + l] - shift;
        plain[l] += off;
        square[l] += off * off;
    }
    *sum = TYPED(total)(plain);
    *squares = TYPED(total)(square);
}

static void TYPED(moments)(int64_t size, const void *x, bool centred, double *mean, double *square)
{
    const double n = (double)size, shift = centred && size > 0 ? (double)*(const TYPE *)x : 0;
    double sum, squares;
    TYPED(sums)(size, x, shift, &sum, &squares);
    const double off = centred ? sum / n : 0, var = squares / n - off * off;
    *mean = shift + off;
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
    double plain[LANES] = { 0 }, with_x[LANES] = { 0 };
    int64_t i = 0;
    for (; i + LANES <= size; i += LANES) {
        for (int l = 0; l < LANES; l++) {
            const TYPE g = w ? dy[i + l] * w[i + l] : dy[i + l];
            plain[l] += (double)g;
            with_x[l] += (double)g * (double)(x[i + l] - mean);
        }
    }
    for (int l = 0; i + l < size; l++) {
        const TYPE g = w ? dy[i + l] * w[i + l] : dy[i + l];
        plain[l] += (double)g;
        with_x[l] += (double)g * (double)(x[i + l] - mean);
    }
    *sum = TYPED(total)(plain);
    *product = TYPED(total)(with_x);
}

/* dx = a g + (x - mean) slope + shift. */
static void TYPED(input_gradient)(const cd_row_norm_gradient *row, const TYPE *dy, const TYPE *x)
{
    const TYPE *w = row->weight, m = (TYPE)row->mean, a = (TYPE)row->rstd;
    const double n = (double)row->size;
    double sum, product;
    if (w) {
        TYPED(products)(row->size, dy, x, w, m, &sum, &product);
    } else {
        TYPED(products)(row->size, dy, x, NULL, m, &sum, &product);
    }
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
        const int64_t width = end - at < LANES ? end - at : LANES;
        double sum[LANES] = { 0 };
        for (int64_t k = 0; k < count; k++) {
            const TYPE *line = (const TYPE *)from + k * stride + at;
            for (int64_t i = 0; i < width; i++) sum[i] += (double)line[i];
        }
        for (int64_t i = 0; i < width; i++) ((TYPE *)to)[at + i] = (TYPE)sum[i];
    }
}

#undef LANES
#undef TYPE
#undef SUFFIX
