/* Maximum or minimum of one element type: a part of reduce_min_max_typed.h, which includes it for
 * each of the two.
 *
 * Parameters of reduce_min_max_typed.h: TYPE, SUFFIX, IS_NAN. Of this file: VARIANT, max or min;
 * BEATS(x, m), whether x is the better of two numbers; HOLDS(m, x), whether m is as good as x or
 * better; WORST, which no number is worse than. Both are false for NaN. */
#if !defined VARIANT || !defined BEATS || !defined HOLDS || !defined WORST
#error "a parameter of reduce_min_max_fold_typed.h is missing"
#endif
#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

/* Whether x takes the place of m. */
#define WINS(x_, m_)  (BEATS(x_, m_) | (IS_NAN(x_) & !IS_NAN(m_)))
#define EQUAL(x_, m_) (((x_) == (m_)) | (IS_NAN(x_) & IS_NAN(m_)))

/* x if it takes the place of m, else m. In this form, and not by WINS, gcc makes vector code of
 * several in a row. */
static TYPE VARIED(better)(TYPE m, TYPE x)
{
    const TYPE number = HOLDS(m, x) ? m : x;
    return IS_NAN(m) ? m : number;
}

#define JOIN(width_)                                                                               \
    for (int j = 0; j < (width_); j++) {                                                           \
        const TYPE x = candidate[j + (width_)], m = candidate[j];                                  \
        candidate[j] = BEATS(x, m) ? x : m;                                                        \
    }
/* The best of `best` and n contiguous elements: the best of each lane, then of all lanes. A NaN
 * loses every comparison, so each lane notes a NaN apart, which is cheaper than a comparison by
 * WINS. */
static TYPE VARIED(run)(TYPE best, int64_t n, const TYPE *in)
{
    int64_t i = 0;
    if (n >= TYPED(lanes)) {
        TYPE candidate[TYPED(lanes)], nan[TYPED(lanes)];
        for (int j = 0; j < TYPED(lanes); j++) candidate[j] = nan[j] = best;
        for (; i + TYPED(lanes) <= n; i += TYPED(lanes)) {
            for (int j = 0; j < TYPED(lanes); j++) {
                const TYPE x = in[i + j], m = candidate[j];
                candidate[j] = BEATS(x, m) ? x : m;
                nan[j] = IS_NAN(x) ? x : nan[j];
            }
        }
        int is_nan = 0;
        for (int j = 0; j < TYPED(lanes); j++) is_nan |= IS_NAN(nan[j]);
        JOIN(16);
        CD_REDUCE_HALVES(JOIN);
        best = VARIED(better)(best, candidate[0]);
        for (int j = 0; is_nan && j < TYPED(lanes); j++) best = VARIED(better)(best, nan[j]);
    }
    for (; i < n; i++) best = VARIED(better)(best, in[i]);
    return best;
}

/* Columns that stand side by side. Four rows at a time: so each state is read and written once for
 * four elements, and four rows are on their way from memory. */
static void VARIED(rows)(const cd_reduce_tile *tile, TYPE *best)
{
    const char *in = tile->in;
    const int64_t stride = tile->row_stride;
    int64_t r = 0;
    for (; r + 4 <= tile->rows; r += 4, in += 4 * stride) {
        const TYPE *row0 = (const TYPE *)in, *row1 = (const TYPE *)(in + stride);
        const TYPE *row2 = (const TYPE *)(in + 2 * stride), *row3 = (const TYPE *)(in + 3 * stride);
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < tile->columns; c++) {
            const TYPE first = VARIED(better)(row0[c], row1[c]);
            const TYPE second = VARIED(better)(row2[c], row3[c]);
            best[c] = VARIED(better)(best[c], VARIED(better)(first, second));
        }
    }
    for (; r < tile->rows; r++, in += stride) {
        const TYPE *row = (const TYPE *)in;
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < tile->columns; c++) best[c] = VARIED(better)(best[c], row[c]);
    }
}

static void VARIED(fold)(const cd_reduce_tile *tile, void *states)
{
    TYPE *best = states;
    if (tile->row_stride != (int64_t)sizeof(TYPE) && tile->column_stride == (int64_t)sizeof(TYPE)) {
        VARIED(rows)(tile, best);
        return;
    }
    for (int64_t c = 0; c < tile->columns; c++) {
        const char *in = tile->in + c * tile->column_stride;
        if (tile->row_stride == (int64_t)sizeof(TYPE)) {
            best[c] = VARIED(run)(best[c], tile->rows, (const TYPE *)in);
            continue;
        }
        for (int64_t r = 0; r < tile->rows; r++, in += tile->row_stride) {
            best[c] = VARIED(better)(best[c], *(const TYPE *)in);
        }
    }
}

static void VARIED(start)(int64_t columns, void *states)
{
    TYPE *best = states;
    for (int64_t c = 0; c < columns; c++) best[c] = WORST;
}

static void VARIED(join)(int64_t columns, void *states, const void *later)
{
    TYPE *best = states;
    const TYPE *more = later;
    for (int64_t c = 0; c < columns; c++) best[c] = VARIED(better)(best[c], more[c]);
}

/* The element takes the place of `best` if it wins. */
static void VARIED(offer)(TYPED(indexed) * best, TYPE value, int64_t index)
{
    if (best->index < 0 || WINS(value, best->value)) {
        best->value = value;
        best->index = index;
    }
}

/* n contiguous elements with the indices first, first + 1, ... Vector code finds the best value and
 * the first block of 512 that has it; then a search there finds the first element equal to it. */
static void VARIED(run_indexed)(TYPED(indexed) * best, int64_t n, const TYPE *in, int64_t first)
{
    if (n < TYPED(lanes)) {
        for (int64_t i = 0; i < n; i++) VARIED(offer)(best, in[i], first + i);
        return;
    }
    TYPE value = WORST;
    int64_t position = best->index < 0 ? 0 : -1; /* where the search begins; -1: `best` stays */
    if (best->index >= 0) value = best->value;
    for (int64_t i = 0; i < n; i += 512) {
        const TYPE candidate = VARIED(run)(value, n - i < 512 ? n - i : 512, in + i);
        if (WINS(candidate, value)) {
            value = candidate;
            position = i;
        }
    }
    if (position < 0) return;
    while (!EQUAL(in[position], value)) position++;
    *best = (TYPED(indexed)){ .value = in[position], .index = first + position };
}

static void VARIED(fold_indexed)(const cd_reduce_tile *tile, void *states)
{
    TYPED(indexed) *best = states;
    if (tile->row_stride == (int64_t)sizeof(TYPE)) {
        for (int64_t c = 0; c < tile->columns; c++) {
            const char *in = tile->in + c * tile->column_stride;
            VARIED(run_indexed)(&best[c], tile->rows, (const TYPE *)in, tile->first);
        }
        return;
    }
    for (int64_t r = 0; r < tile->rows; r++) {
        const char *in = tile->in + r * tile->row_stride;
        for (int64_t c = 0; c < tile->columns; c++, in += tile->column_stride) {
            VARIED(offer)(&best[c], *(const TYPE *)in, tile->first + r);
        }
    }
}

static void VARIED(join_indexed)(int64_t columns, void *states, const void *later)
{
    TYPED(indexed) *best = states;
    const TYPED(indexed) *more = later;
    for (int64_t c = 0; c < columns; c++) {
        if (more[c].index >= 0) VARIED(offer)(&best[c], more[c].value, more[c].index);
    }
}

#undef JOIN
#undef WINS
#undef EQUAL
#undef VARIANT
#undef BEATS
#undef HOLDS
#undef WORST
