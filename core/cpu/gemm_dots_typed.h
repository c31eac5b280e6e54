/* Products of few rows by a B that is stored transposed, as dot products, for one floating type.
 * Nothing is packed but an A whose rows are not contiguous.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h).
 *
 * An element of C is the sum of LANES sums: lane l adds the products p = l, l + LANES, l + 2 LANES
 * and so on in order, CD_GEMM_DOTS_DEPTH products at a time. Then the lanes are added by halves: l
 * and l + LANES / 2, then l and l + LANES / 4, down to one. The bits depend on k, alpha and beta
 * only, as those of a tile do; but a tile's bits are different ones. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of gemm_dots_typed.h is missing"
#endif
#include "core/cpu/gemm_internal.h"
#include "core/cpu/gemm_lanes_internal.h"
#include "core/cpu/gemm_shapes_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/cpu/vectors_internal.h"

enum { TYPED(DOT_LANES) = DOT_BYTES / sizeof(TYPE) };
#define LANES TYPED(DOT_LANES)
#define DOTS  TYPED(dots)

/* Some rows of op(A) and of the stored B, which are contiguous. */
typedef struct {
    int64_t depth, a_row, b_row, to_row;
    const TYPE *a, *b;
    TYPE *to; /* to[r * to_row + j]: row r of op(A) by row j of B */
} DOTS;

#ifdef CD_CPU_AVX2
#define VECTOR    TYPED(vector_wide)
#define LOAD      TYPED(INTRINSIC_wide)(loadu)
#define LOAD_SOME TYPED(load_some_wide)
#define STEP      ((int)(sizeof(VECTOR) / sizeof(TYPE)))
#define PARTS     (LANES / STEP) /* vectors that hold the lanes of one element */

/* sum[r][j] += the products of the elements [begin, begin + LANES), or unless `whole` of the first
 * `rest` of them. If `ahead`, the next rows of B are prefetched. */
static inline __attribute__((always_inline)) void
TYPED(dot_step)(const int rows, const int columns, const bool ahead, const bool whole,
                int64_t begin, int64_t rest, const DOTS *dots,
                VECTOR sum[DOT_ROWS][DOT_COLUMNS][PARTS])
{
#pragma GCC unroll 2
    for (int part = 0; part < PARTS; part++, begin += STEP, rest -= STEP) {
        const TYPED(mask_wide) some = TYPED(first_wide)(whole || rest > STEP ? STEP
                                                        : rest < 0           ? 0
                                                                             : rest);
        VECTOR left[DOT_ROWS];
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            const TYPE *from = dots->a + r * dots->a_row + begin;
            left[r] = whole ? LOAD(from) : LOAD_SOME(from, some);
        }
#pragma GCC unroll 8
        for (int j = 0; j < columns; j++) {
            const TYPE *from = dots->b + j * dots->b_row + begin;
            if (ahead) __builtin_prefetch(from + columns * dots->b_row);
            VECTOR right = whole ? LOAD(from) : LOAD_SOME(from, some);
            if (rows > 1) __asm__("" : "+v"(right));
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                sum[r][j][part] = TYPED(INTRINSIC_wide)(fmadd)(left[r], right, sum[r][j][part]);
            }
        }
    }
}

/* The dot products of `rows` rows of op(A) by `columns` rows of B. */
static inline __attribute__((always_inline)) void
TYPED(dot_rows)(const int rows, const int columns, const bool ahead, const DOTS *call)
{
    const DOTS dots = *call;
    VECTOR sum[DOT_ROWS][DOT_COLUMNS][PARTS];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 8
        for (int j = 0; j < columns; j++) {
#pragma GCC unroll 2
            for (int part = 0; part < PARTS; part++)
                sum[r][j][part] = TYPED(INTRINSIC_wide)(setzero)();
        }
    }
    int64_t p = 0;
    for (; p + LANES <= dots.depth; p += LANES) {
        TYPED(dot_step)(rows, columns, ahead, true, p, LANES, &dots, sum);
    }
    if (p < dots.depth) {
        TYPED(dot_step)(rows, columns, false, false, p, dots.depth - p, &dots, sum);
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r += 2) {
        TYPED(vector_half) half[2 * DOT_COLUMNS];
        const int here = rows - r < 2 ? 1 : 2;
#pragma GCC unroll 8
        for (int i = 0; i < here * columns; i++) {
            half[i] = TYPED(add_halves)(sum[r + i / columns][i % columns]);
        }
        TYPE *to = dots.to + r * dots.to_row;
        if (columns == 1) {
            TYPED(put_total)(to, half[0]);
            if (here == 2) TYPED(put_total)(to + dots.to_row, half[1]);
        } else if (here == 1) {
            TYPED(put_totals)(to, half);
        } else {
            TYPED(put_two_totals)(to, to + dots.to_row, half);
        }
    }
}

#define DOT_ROWS_OF(rows_)                                                                         \
    if (rows == rows_ && columns == 1) {                                                           \
        TYPED(dot_rows)(rows_, 1, false, dots);                                                    \
    } else if (rows == rows_) {                                                                    \
        TYPED(dot_rows)(rows_, DOT_COLUMNS, false, dots);                                          \
    }
/* Chooses the function for `rows` and `columns`. A single row of op(A) reads a large B once, from
 * memory: then B's next rows are prefetched, if they are short enough to stay in the cache. */
static void TYPED(dot_product)(int64_t rows, int64_t columns, const DOTS *dots)
{
    const int64_t near = 2048 / (int64_t)sizeof(TYPE);
    if (rows == 1 && columns > 1 && dots->depth >= 256 && dots->b_row <= near) {
        TYPED(dot_rows)(1, DOT_COLUMNS, true, dots);
        return;
    }
    EACH_DOT_ROWS(DOT_ROWS_OF)
}
#undef DOT_ROWS_OF
#undef VECTOR
#undef LOAD
#undef LOAD_SOME
#undef STEP
#undef PARTS

#else
static void TYPED(dot_product)(int64_t rows, int64_t columns, const DOTS *dots)
{
    (void)rows;
    const TYPE *a = dots->a, *b = dots->b;
    for (int64_t j = 0; j < columns; j++, b += dots->b_row) {
        TYPE sum[DOT_BYTES / sizeof(TYPE)] = { 0 };
        int64_t p = 0;
        for (; p + LANES <= dots->depth; p += LANES) {
            for (int l = 0; l < LANES; l++) sum[l] += a[p + l] * b[p + l];
        }
        for (int l = 0; p + l < dots->depth; l++) sum[l] += a[p + l] * b[p + l];
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) sum[l] += sum[l + half];
        }
        dots->to[j] = sum[0];
    }
}
#endif

/* c = alpha * total + beta * c for rows x columns elements. */
static void TYPED(put_dots)(const cd_gemm_call *call, TYPE beta, TYPE *c, int64_t rows,
                            int64_t columns, TYPE total[DOT_ROWS][DOT_COLUMNS])
{
    const TYPE alpha = (TYPE)call->alpha;
    const int64_t c_row = call->transpose_c ? 1 : call->ldc;
    const int64_t c_step = call->transpose_c ? call->ldc : 1;
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t j = 0; j < columns; j++) {
            TYPE *to = c + r * c_row + j * c_step, scaled = alpha * total[r][j];
            *to = beta == 0 ? scaled : scaled + beta * *to;
        }
    }
}

/* The block's rows of op(A), which begin at `a`, by all columns of the block, for the products
 * [first, first + depth). Totals that are elements of C as they are go there directly. */
static void TYPED(dot_block)(const cd_gemm_call *call, const cd_gemm_block *block, int64_t first,
                             int64_t depth, const TYPE *a, int64_t a_row)
{
    const TYPE beta = (TYPE)(first == 0 ? call->beta : 1);
    const bool direct = call->alpha == 1 && beta == 0 && !call->transpose_c;
    const int64_t height = cd_divide_up(block->rows, cd_divide_up(block->rows, DOT_ROWS));
    TYPE total[DOT_ROWS][DOT_COLUMNS];
    DOTS dots = { .depth = depth,
                  .a_row = a_row,
                  .b_row = call->ldb,
                  .to_row = direct ? call->ldc : DOT_COLUMNS,
                  .to = total[0] };
    for (int64_t j = 0, columns; j < block->columns; j += columns) {
        columns = block->columns - j < DOT_COLUMNS ? 1 : DOT_COLUMNS;
        dots.b = (const TYPE *)call->b + (block->column + j) * call->ldb + first;
        for (int64_t i = 0; i < block->rows; i += height) {
            int64_t rows = cd_smaller(height, block->rows - i);
            int64_t row = block->row + i, column = block->column + j;
            TYPE *c = (TYPE *)call->c +
                      (call->transpose_c ? column * call->ldc + row : row * call->ldc + column);
            dots.a = a + i * a_row;
            if (direct) dots.to = c;
            TYPED(dot_product)(rows, columns, &dots);
            if (!direct) TYPED(put_dots)(call, beta, c, rows, columns, total);
        }
    }
}

/* A block of C. The rows of an A that is stored transposed are copied to the panel, DOT_ROWS at a
 * time. */
static void TYPED(dots_product)(const cd_gemm_call *call, const cd_gemm_block *block,
                                const cd_gemm_panel *panel)
{
    const TYPE *a = call->a;
    TYPE *packed = panel->b;
    for (int64_t p = 0; p < call->k; p += CD_GEMM_DOTS_DEPTH) {
        int64_t depth = cd_smaller(CD_GEMM_DOTS_DEPTH, call->k - p);
        if (!call->transpose_a) {
            TYPED(dot_block)(call, block, p, depth, a + block->row * call->lda + p, call->lda);
            continue;
        }
        for (int64_t i = 0; i < block->rows; i += DOT_ROWS) {
            cd_gemm_block part = { block->row + i, cd_smaller(DOT_ROWS, block->rows - i),
                                   block->column, block->columns };
            for (int64_t r = 0; r < part.rows; r++) {
                for (int64_t q = 0; q < depth; q++) {
                    packed[r * depth + q] = a[(p + q) * call->lda + part.row + r];
                }
            }
            TYPED(dot_block)(call, &part, p, depth, packed, depth);
        }
    }
}

#undef LANES
#undef DOTS
#undef TYPE
#undef SUFFIX
