/* One operation over the elements of one type: a part of reduce_sums_typed.h, which includes it
 * once for each operation.
 *
 * Parameters of reduce_sums_typed.h: TYPE, SUFFIX, STATE. Of this file: VARIANT, the operation's
 * name; state OP VALUE(element) is the next state; IDENTITY is OP's identity element.
 *
 * The order of the operations follows from the sizes of the tile alone, and is the same in every
 * build: a contiguous run has sixteen partial results side by side, each of which takes four
 * elements in a step, and which are joined by halves. */
#if !defined VARIANT || !defined IDENTITY || !defined VALUE || !defined OP
#error "a parameter of reduce_sums_fold_typed.h is missing"
#endif
#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

#define JOIN(width_)                                                                               \
    for (int j = 0; j < (width_); j++) part[j] = part[j] OP part[j + (width_)];
/* Up to 2048 contiguous elements. Each partial result has at most 32 steps, so that the rounding
 * error of a run of n elements grows with 32 + n / 2048 and not with n. */
static STATE VARIED(block)(int64_t n, const TYPE *in)
{
    STATE part[16];
    for (int j = 0; j < 16; j++) part[j] = IDENTITY;
    int64_t i = 0;
    for (; i + 64 <= n; i += 64) {
        for (int j = 0; j < 16; j++) {
            part[j] = part[j] OP((VALUE(in[i + j]) OP VALUE(in[i + j + 16]))
                                     OP(VALUE(in[i + j + 32]) OP VALUE(in[i + j + 48])));
        }
    }
    for (; i + 16 <= n; i += 16) {
        for (int j = 0; j < 16; j++) part[j] = part[j] OP VALUE(in[i + j]);
    }
    for (int j = 0; i < n; i++, j++) part[j] = part[j] OP VALUE(in[i]);
    CD_REDUCE_HALVES(JOIN);
    return part[0];
}

static STATE VARIED(run)(STATE state, int64_t n, const TYPE *in)
{
    if (n < 16) {
        for (int64_t i = 0; i < n; i++) state = state OP VALUE(in[i]);
        return state;
    }
    for (; n > 0; n -= 2048, in += 2048) state = state OP VARIED(block)(n < 2048 ? n : 2048, in);
    return state;
}

/* Columns that stand side by side. Four rows at a time: each state is read and written once for
 * four elements. */
static void VARIED(rows)(const cd_reduce_tile *tile, STATE *state)
{
    const char *in = tile->in;
    const int64_t stride = tile->row_stride;
    int64_t r = 0;
    for (; r + 4 <= tile->rows; r += 4, in += 4 * stride) {
        const TYPE *row0 = (const TYPE *)in, *row1 = (const TYPE *)(in + stride);
        const TYPE *row2 = (const TYPE *)(in + 2 * stride), *row3 = (const TYPE *)(in + 3 * stride);
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < tile->columns; c++) {
            STATE low = VALUE(row0[c]) OP VALUE(row1[c]), high = VALUE(row2[c]) OP VALUE(row3[c]);
            state[c] = state[c] OP(low OP high);
        }
    }
    for (; r < tile->rows; r++, in += stride) {
        const TYPE *row = (const TYPE *)in;
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < tile->columns; c++) state[c] = state[c] OP VALUE(row[c]);
    }
}

static void VARIED(fold)(const cd_reduce_tile *tile, void *states)
{
    STATE *state = states;
    if (tile->row_stride != (int64_t)sizeof(TYPE) && tile->column_stride == (int64_t)sizeof(TYPE)) {
        VARIED(rows)(tile, state);
        return;
    }
    for (int64_t c = 0; c < tile->columns; c++) {
        const char *in = tile->in + c * tile->column_stride;
        if (tile->row_stride == (int64_t)sizeof(TYPE)) {
            state[c] = VARIED(run)(state[c], tile->rows, (const TYPE *)in);
            continue;
        }
        for (int64_t r = 0; r < tile->rows; r++, in += tile->row_stride) {
            state[c] = state[c] OP VALUE(*(const TYPE *)in);
        }
    }
}

static void VARIED(start)(int64_t columns, void *states)
{
    STATE *state = states;
    for (int64_t c = 0; c < columns; c++) state[c] = IDENTITY;
}

static void VARIED(join)(int64_t columns, void *states, const void *later)
{
    STATE *state = states;
    const STATE *more = later;
    for (int64_t c = 0; c < columns; c++) state[c] = state[c] OP more[c];
}

#undef JOIN
#undef VARIANT
#undef IDENTITY
#undef VALUE
#undef OP
