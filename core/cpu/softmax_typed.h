/* softmax and log_softmax of one row, or of a block of columns, for one floating type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h), EXP(x), EXP_SCALED(x), which is e^x / SCALE for
 * x <= 0, and SCALE, a power of two which keeps that result from being denormal (math_internal.h).
 *
 * The maximum may ignore a NaN: it reaches every result through the sum. Sums are taken in double,
 * as sixteen partial sums side by side. */
#if !defined TYPE || !defined SUFFIX || !defined EXP || !defined EXP_SCALED || !defined SCALE
#error "a parameter of softmax_typed.h is missing"
#endif
#include "core/cpu/math_internal.h"
#include "core/cpu/softmax_internal.h"
#include "core/cpu/typed_internal.h"

static TYPE TYPED(maximum)(int64_t n, const TYPE *x)
{
    enum { LANES = 32 }; /* maxima side by side; gcc unrolls a shorter loop and finds no vectors */
    TYPE most = -INFINITY;
    int64_t i = 0;
    if (n >= LANES) {
        TYPE part[LANES];
        for (int j = 0; j < LANES; j++) part[j] = x[j];
        for (i = LANES; i + LANES <= n; i += LANES) {
            for (int j = 0; j < LANES; j++) part[j] = x[i + j] > part[j] ? x[i + j] : part[j];
        }
        for (int width = LANES / 2; width > 0; width /= 2) {
            for (int j = 0; j < width; j++) {
                part[j] = part[j + width] > part[j] ? part[j + width] : part[j];
            }
        }
        most = part[0];
    }
    for (; i < n; i++) most = x[i] > most ? x[i] : most;
    return most;
}

/* sum(a b), or sum(a) where b is NULL. */
static double TYPED(sum)(int64_t n, const TYPE *a, const TYPE *b)
{
    double part[16] = { 0 };
    int64_t i = 0;
    if (b) {
        for (; i + 16 <= n; i += 16) {
            for (int j = 0; j < 16; j++) part[j] += (double)a[i + j] * (double)b[i + j];
        }
        for (int j = 0; i < n; i++, j++) part[j] += (double)a[i] * (double)b[i];
    } else {
        for (; i + 16 <= n; i += 16) {
            for (int j = 0; j < 16; j++) part[j] += (double)a[i + j];
        }
        for (int j = 0; i < n; i++, j++) part[j] += (double)a[i];
    }
    for (int width = 8; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) part[j] += part[j + width];
    }
    return part[0];
}

/* sum(a) of numbers that are not negative. Four are added before they become double: that rounding
 * is less than the error that the exponentials have already. */
static double TYPED(sum_of_exponentials)(int64_t n, const TYPE *a)
{
    double part[16] = { 0 };
    int64_t i = 0;
    for (; i + 64 <= n; i += 64) {
        for (int j = 0; j < 16; j++) {
            part[j] += (double)((a[i + j] + a[i + 16 + j]) + (a[i + 32 + j] + a[i + 48 + j]));
        }
    }
    for (int width = 8; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) part[j] += part[j + width];
    }
    return part[0] + TYPED(sum)(n - i, a + i, NULL);
}

static void TYPED(forward_row)(int64_t n, const void *const *in, void *out)
{
    const TYPE *x = in[0];
    TYPE *y = out;
    const TYPE most = TYPED(maximum)(n, x);
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += CD_SOFTMAX_ROW_CHUNK) {
        const int64_t count = n - begin < CD_SOFTMAX_ROW_CHUNK ? n - begin : CD_SOFTMAX_ROW_CHUNK;
        cd_softmax_prefetch(x + begin, n * (int64_t)sizeof(TYPE), count * (int64_t)sizeof(TYPE));
        CD_CPU_VECTORISE
        for (int64_t i = begin; i < begin + count; i++) y[i] = EXP_SCALED(x[i] - most);
        total += TYPED(sum_of_exponentials)(count, y + begin);
    }
    const TYPE scale = (TYPE)(1 / total);
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
}

/* The exponentials are needed for their sum only, and y may be x: they go to a block of their own.
 */
static void TYPED(log_forward_row)(int64_t n, const void *const *in, void *out)
{
    const TYPE *x = in[0];
    TYPE *y = out, block[CD_SOFTMAX_ROW_CHUNK];
    const TYPE most = TYPED(maximum)(n, x);
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += CD_SOFTMAX_ROW_CHUNK) {
        const int64_t count = n - begin < CD_SOFTMAX_ROW_CHUNK ? n - begin : CD_SOFTMAX_ROW_CHUNK;
        for (int64_t i = 0; i < count; i++) block[i] = EXP_SCALED(x[begin + i] - most);
        total += TYPED(sum_of_exponentials)(count, block);
    }
    const TYPE log_total = (TYPE)log(total * SCALE);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) y[i] = x[i] - most - log_total;
}

static void TYPED(backward_row)(int64_t n, const void *const *in, void *out)
{
    const TYPE *y = in[0], *dy = in[1];
    TYPE *dx = out;
    const TYPE dot = (TYPE)TYPED(sum)(n, dy, y);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - dot);
}

static void TYPED(log_backward_row)(int64_t n, const void *const *in, void *out)
{
    const TYPE *y = in[0], *dy = in[1];
    TYPE *dx = out;
    const TYPE total = (TYPE)TYPED(sum)(n, dy, NULL);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) dx[i] = dy[i] - EXP(y[i]) * total;
}

static void TYPED(maximum_columns)(int64_t n, int64_t inner, int64_t width, const TYPE *x,
                                   TYPE *most)
{
    for (int64_t w = 0; w < width; w++) most[w] = -INFINITY;
    for (int64_t i = 0; i < n; i++, x += inner) {
        for (int64_t w = 0; w < width; w++) most[w] = x[w] > most[w] ? x[w] : most[w];
    }
}

static void TYPED(forward_columns)(int64_t n, int64_t inner, int64_t width, const void *const *in,
                                   void *out)
{
    TYPE most[CD_SOFTMAX_COLUMNS], scale[CD_SOFTMAX_COLUMNS];
    double total[CD_SOFTMAX_COLUMNS] = { 0 };
    TYPED(maximum_columns)(n, inner, width, in[0], most);
    for (int64_t i = 0; i < n; i++) {
        const TYPE *x = (const TYPE *)in[0] + i * inner;
        TYPE *y = (TYPE *)out + i * inner;
        CD_CPU_VECTORISE
        for (int64_t w = 0; w < width; w++) y[w] = EXP_SCALED(x[w] - most[w]);
        for (int64_t w = 0; w < width; w++) total[w] += (double)y[w];
    }
    for (int64_t w = 0; w < width; w++) scale[w] = (TYPE)(1 / total[w]);
    for (int64_t i = 0; i < n; i++) {
        TYPE *y = (TYPE *)out + i * inner;
        for (int64_t w = 0; w < width; w++) y[w] *= scale[w];
    }
}

static void TYPED(log_forward_columns)(int64_t n, int64_t inner, int64_t width,
                                       const void *const *in, void *out)
{
    TYPE most[CD_SOFTMAX_COLUMNS], exponential[CD_SOFTMAX_COLUMNS], log_total[CD_SOFTMAX_COLUMNS];
    double total[CD_SOFTMAX_COLUMNS] = { 0 };
    TYPED(maximum_columns)(n, inner, width, in[0], most);
    for (int64_t i = 0; i < n; i++) {
        const TYPE *x = (const TYPE *)in[0] + i * inner;
        for (int64_t w = 0; w < width; w++) exponential[w] = EXP_SCALED(x[w] - most[w]);
        for (int64_t w = 0; w < width; w++) total[w] += (double)exponential[w];
    }
    for (int64_t w = 0; w < width; w++) log_total[w] = (TYPE)log(total[w] * SCALE);
    for (int64_t i = 0; i < n; i++) {
        const TYPE *x = (const TYPE *)in[0] + i * inner;
        TYPE *y = (TYPE *)out + i * inner;
        CD_CPU_VECTORISE
        for (int64_t w = 0; w < width; w++) y[w] = x[w] - most[w] - log_total[w];
    }
}

static void TYPED(backward_columns)(int64_t n, int64_t inner, int64_t width, const void *const *in,
                                    void *out)
{
    double dot[CD_SOFTMAX_COLUMNS] = { 0 };
    for (int64_t i = 0; i < n; i++) {
        const TYPE *y = (const TYPE *)in[0] + i * inner, *dy = (const TYPE *)in[1] + i * inner;
        for (int64_t w = 0; w < width; w++) dot[w] += (double)dy[w] * (double)y[w];
    }
    for (int64_t i = 0; i < n; i++) {
        const TYPE *y = (const TYPE *)in[0] + i * inner, *dy = (const TYPE *)in[1] + i * inner;
        TYPE *dx = (TYPE *)out + i * inner;
        CD_CPU_VECTORISE
        for (int64_t w = 0; w < width; w++) dx[w] = y[w] * (dy[w] - (TYPE)dot[w]);
    }
}

static void TYPED(log_backward_columns)(int64_t n, int64_t inner, int64_t width,
                                        const void *const *in, void *out)
{
    double total[CD_SOFTMAX_COLUMNS] = { 0 };
    for (int64_t i = 0; i < n; i++) {
        const TYPE *dy = (const TYPE *)in[1] + i * inner;
        for (int64_t w = 0; w < width; w++) total[w] += (double)dy[w];
    }
    for (int64_t i = 0; i < n; i++) {
        const TYPE *y = (const TYPE *)in[0] + i * inner, *dy = (const TYPE *)in[1] + i * inner;
        TYPE *dx = (TYPE *)out + i * inner;
        CD_CPU_VECTORISE
        for (int64_t w = 0; w < width; w++) dx[w] = dy[w] - EXP(y[w]) * (TYPE)total[w];
    }
}

#undef TYPE
#undef SUFFIX
#undef EXP
#undef EXP_SCALED
#undef SCALE
