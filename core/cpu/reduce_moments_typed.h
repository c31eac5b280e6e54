/* Sums and squared deviations from the mean, of one floating type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h).
 *
 * Elements are taken in blocks. Of each block the mean is found first, and then the squares of
 * the deviations from it are added: so nothing cancels, however large the mean is. A block of n
 * elements with sum s and squares q goes into a state of N elements, with the sum S and the
 * squares Q, as
 *
 *     Q += q + (s / n - S / N)^2 n N / (n + N),  S += s,  N += n
 *
 * All of it in double. The order of the operations follows from the sizes alone. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of reduce_moments_typed.h is missing"
#endif
#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

typedef TYPE TYPED(element);

/* A block of n contiguous elements, sixteen side by side. */
static void TYPED(add_block)(cd_moments *state, int64_t n, const TYPE *in)
{
    double part[16] = { 0 };
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int j = 0; j < 16; j++) part[j] += (double)in[i + j];
    }
    for (int j = 0; i < n; i++, j++) part[j] += (double)in[i];
    const double sum = cd_moments_joined(part), mean = sum / (double)n;
    for (int j = 0; j < 16; j++) part[j] = 0;
    for (i = 0; i + 16 <= n; i += 16) {
        for (int j = 0; j < 16; j++) {
            const double d = (double)in[i + j] - mean;
            part[j] += d * d;
        }
    }
    for (int j = 0; i < n; i++, j++) {
        const double d = (double)in[i] - mean;
        part[j] += d * d;
    }
    cd_moments_join(state, &(cd_moments){ sum, cd_moments_joined(part), (double)n });
}

/* Eight rows of columns that stand side by side. `count` is N, or 1 where that is 0 and so is S;
 * `weight` is n N / (n + N), by which d is multiplied first: where it is 0, d * d might be
 * infinite. */
static void TYPED(eight_rows)(int64_t columns, const char *in, int64_t stride, double *sum,
                              double *squares, double count, double weight)
{
    const TYPE *row0 = (const TYPE *)in, *row1 = (const TYPE *)(in + stride);
    const TYPE *row2 = (const TYPE *)(in + 2 * stride), *row3 = (const TYPE *)(in + 3 * stride);
    const TYPE *row4 = (const TYPE *)(in + 4 * stride), *row5 = (const TYPE *)(in + 5 * stride);
    const TYPE *row6 = (const TYPE *)(in + 6 * stride), *row7 = (const TYPE *)(in + 7 * stride);
    CD_CPU_VECTORISE
    for (int64_t c = 0; c < columns; c++) {
        const double a = (double)row0[c], b = (double)row1[c], e = (double)row2[c];
        const double f = (double)row3[c], g = (double)row4[c], h = (double)row5[c];
        const double k = (double)row6[c], l = (double)row7[c];
        const double s = ((a + b) + (e + f)) + ((g + h) + (k + l)), m = s * 0.125;
        const double q =
            (((a - m) * (a - m) + (b - m) * (b - m)) + ((e - m) * (e - m) + (f - m) * (f - m))) +
            (((g - m) * (g - m) + (h - m) * (h - m)) + ((k - m) * (k - m) + (l - m) * (l - m)));
        const double d = m - sum[c] / count;
        squares[c] += q + d * (d * weight);
        sum[c] += s;
    }
}

/* One row. */
static void TYPED(one_row)(int64_t columns, const char *in, double *sum, double *squares,
                           double count, double weight)
{
    const TYPE *row = (const TYPE *)in;
    CD_CPU_VECTORISE
    for (int64_t c = 0; c < columns; c++) {
        const double x = (double)row[c], d = x - sum[c] / count;
        squares[c] += d * (d * weight);
        sum[c] += x;
    }
}

/* Columns that stand side by side, at most CD_MOMENTS_COLUMNS of them. */
static void TYPED(moments_rows)(int64_t columns, const char *in, int64_t rows, int64_t stride,
                                cd_moments *state)
{
    double sum[CD_MOMENTS_COLUMNS], squares[CD_MOMENTS_COLUMNS], n = state->count;
    for (int64_t c = 0; c < columns; c++) {
        sum[c] = state[c].sum;
        squares[c] = state[c].squares;
    }
    for (int64_t r = 0, step; r < rows; r += step, in += step * stride) {
        const double count = n > 0 ? n : 1;
        step = r + 8 <= rows ? 8 : 1;
        if (step == 8) {
            TYPED(eight_rows)(columns, in, stride, sum, squares, count, 8 * n / (n + 8));
        } else {
            TYPED(one_row)(columns, in, sum, squares, count, n / (n + 1));
        }
        n += (double)step;
    }
    for (int64_t c = 0; c < columns; c++) state[c] = (cd_moments){ sum[c], squares[c], n };
}

/* A column whose elements are not neighbours: they are gathered block by block. */
static void TYPED(moments_column)(const char *in, int64_t rows, int64_t stride, cd_moments *state)
{
    enum { BLOCK = 512 };
    TYPE block[BLOCK];
    for (int64_t r = 0, n; r < rows; r += n) {
        n = rows - r < BLOCK ? rows - r : BLOCK;
        for (int64_t i = 0; i < n; i++, in += stride) block[i] = *(const TYPE *)in;
        TYPED(add_block)(state, n, block);
    }
}

static void TYPED(fold_moments)(const cd_reduce_tile *tile, void *states)
{
    enum { BLOCK = 2048 };
    const int64_t element = (int64_t)sizeof(TYPE);
    const bool runs = tile->row_stride == element;
    cd_moments *state = states;
    if (!runs && tile->column_stride == element) {
        for (int64_t c = 0, n; c < tile->columns; c += n) {
            n = tile->columns - c < CD_MOMENTS_COLUMNS ? tile->columns - c : CD_MOMENTS_COLUMNS;
            TYPED(moments_rows)(n, tile->in + c * element, tile->rows, tile->row_stride, state + c);
        }
        return;
    }
    for (int64_t c = 0; c < tile->columns; c++) {
        const char *in = tile->in + c * tile->column_stride;
        if (!runs) TYPED(moments_column)(in, tile->rows, tile->row_stride, &state[c]);
        for (int64_t r = 0, n; runs && r < tile->rows; r += n) {
            n = tile->rows - r < BLOCK ? tile->rows - r : BLOCK;
            TYPED(add_block)(&state[c], n, (const TYPE *)(in + r * element));
        }
    }
}

static void TYPED(finish_moments)(int64_t columns, const void *states, void *out, void *second,
                                  const void *params)
{
    const cd_moments *state = states;
    const cd_spread *spread = params;
    TYPE *result = out, *mean = second;
    for (int64_t c = 0; c < columns; c++) {
        const double freedom = state[c].count - spread->correction;
        const double var = state[c].squares / (freedom > 0 ? freedom : 0);
        result[c] = (TYPE)(spread->root ? sqrt(var) : var);
        if (mean) mean[c] = (TYPE)(state[c].sum / state[c].count);
    }
}

#undef TYPE
#undef SUFFIX
