/* Transposed copies of elements of one size, by square blocks that fit into registers.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h): a floating type of that size. The elements
 * themselves may have another type, since they are only moved. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of copy_typed.h is missing"
#endif
#include <string.h>

#include "core/cpu/copy_internal.h"
#include "core/cpu/transpose_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/cpu/vectors_internal.h"

#define SIZE ((int64_t)sizeof(TYPE))
#define SIDE ((int)(32 / sizeof(TYPE))) /* of a square block */
#ifdef CD_CPU_AVX2
#define FENCE() _mm_sfence() /* or another thread might see the result before all stores are done */

static inline void TYPED(store)(char *to, TYPED(vector_half) row, bool streamed)
{
    if (streamed) {
        TYPED(INTRINSIC_half)(stream)((TYPE *)to, row);
    } else {
        TYPED(INTRINSIC_half)(storeu)((TYPE *)to, row);
    }
}

/* One square block. */
static inline void TYPED(block)(const char *from, int64_t from_stride, char *to, int64_t to_stride,
                                bool streamed)
{
    TYPED(vector_half) row[SIDE];
    for (int i = 0; i < SIDE; i++) {
        row[i] = TYPED(INTRINSIC_half)(loadu)((const TYPE *)(from + i * from_stride));
    }
    TYPED(cd_cpu_transpose)(row);
    for (int i = 0; i < SIDE; i++) TYPED(store)(to + i * to_stride, row[i], streamed);
}

#else
#define FENCE() (void)0

static inline void TYPED(block)(const char *from, int64_t from_stride, char *to, int64_t to_stride,
                                bool streamed)
{
    (void)streamed;
    for (int r = 0; r < SIDE; r++) {
        for (int c = 0; c < SIDE; c++) {
            memcpy(to + c * to_stride + r * SIZE, from + r * from_stride + c * SIZE, sizeof(TYPE));
        }
    }
}
#endif

/* Rows [row, row_end) and columns from `column` on, element by element. */
static void TYPED(plain)(const cd_transposed_block *t, int64_t row, int64_t row_end, int64_t column)
{
    for (int64_t c = column; c < t->columns; c++) {
        for (int64_t r = row; r < row_end; r++) {
            memcpy(t->to + c * t->to_stride + r * SIZE, t->from + r * t->from_stride + c * SIZE,
                   sizeof(TYPE));
        }
    }
}

/* Rows [row, row_end), a multiple of SIDE, by square blocks. */
static void TYPED(blocks)(const cd_transposed_block *t, int64_t row, int64_t row_end, bool streamed)
{
    int64_t c = 0;
    for (; c + SIDE <= t->columns; c += SIDE) {
        for (int64_t r = row; r < row_end; r += SIDE) {
            TYPED(block)
            (t->from + r * t->from_stride + c * SIZE, t->from_stride,
             t->to + c * t->to_stride + r * SIZE, t->to_stride, streamed);
        }
    }
    TYPED(plain)(t, row, row_end, c);
}

/* As many rows at a time as give whole lines of the output: a line that is written as a whole need
 * not be read. Along the rows the processor predicts what to load next. */
static void TYPED(transpose)(const cd_transposed_block *t)
{
    enum { LINE = 64 / sizeof(TYPE) }; /* elements that memory moves at a time */
    const int64_t whole = t->rows / SIDE * SIDE;
    for (int64_t r = 0; r < whole; r += LINE) {
        const int64_t end = r + LINE < whole ? r + LINE : whole;
        if (t->streamed) {
            TYPED(blocks)(t, r, end, true);
        } else {
            TYPED(blocks)(t, r, end, false);
        }
    }
    TYPED(plain)(t, whole, t->rows, 0);
    FENCE();
}

#undef SIZE
#undef SIDE
#undef FENCE
#undef TYPE
#undef SUFFIX
