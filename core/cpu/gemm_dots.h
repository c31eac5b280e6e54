/* Products of few rows and a B stored transposed, as dot products: nothing is packed but an A whose
 * rows do not lie in one piece. gemm_kernel.c includes this for each floating type, with the macros
 * that gemm_blocked.h has too.
 *
 * An element of C is the sum of LANES sums: lane l adds the products p = l, l + LANES, l + 2 LANES
 * and so on in order, CD_GEMM_DOTS_DEPTH products at a time. Then the lanes are added by halves: l
 * and l + LANES / 2, then l and l + LANES / 4, down to one. So the bits depend on k, alpha and beta
 * only, here as in a tile, but they are others than those of a tile. */

enum { TYPED(DOT_LANES) = DOT_BYTES / sizeof(REAL) };
#define LANES TYPED(DOT_LANES)
#define DOTS  TYPED(dots)

/* Rows of op(A) and of the stored B, each in one piece. */
typedef struct {
    int64_t depth, a_row, b_row, to_row;
    const REAL *a, *b;
    REAL *to; /* to[r * to_row + j]: one row of op(A) by one of B */
} DOTS;

#ifdef CD_CPU_AVX2
#define VECTOR    WIDE_VECTOR
#define INTRINSIC WIDE_INTRINSIC
#define MASK      WIDE_MASK
#define STEP      ((int)(sizeof(VECTOR) / sizeof(REAL)))
#define PARTS     (LANES / STEP) /* vectors that hold the lanes of one element */

/* sum[r][j] += the products of elements [at, at + LANES), or of the first `rest` of them. */
static inline __attribute__((always_inline)) void
TYPED(dot_step)(const int rows, const int columns, const bool ahead, const bool whole, int64_t at,
                int64_t rest, const DOTS *dots, VECTOR sum[DOT_ROWS][DOT_COLUMNS][PARTS])
{
#pragma GCC unroll 2
    for (int part = 0; part < PARTS; part++, at += STEP, rest -= STEP) {
        const MASK some = TYPED(first)(whole || rest > STEP ? STEP : rest < 0 ? 0 : rest);
        VECTOR left[DOT_ROWS];
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            const REAL *from = dots->a + r * dots->a_row + at;
            left[r] = whole ? INTRINSIC(loadu)(from) : TYPED(load_some)(from, some);
        }
#pragma GCC unroll 8
        for (int j = 0; j < columns; j++) {
            const REAL *from = dots->b + j * dots->b_row + at;
            if (ahead) __builtin_prefetch(from + columns * dots->b_row);
            VECTOR right = whole ? INTRINSIC(loadu)(from) : TYPED(load_some)(from, some);
            if (rows > 1) __asm__("" : "+v"(right));
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) {
                sum[r][j][part] = INTRINSIC(fmadd)(left[r], right, sum[r][j][part]);
            }
        }
    }
}

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
            for (int part = 0; part < PARTS; part++) sum[r][j][part] = INTRINSIC(setzero)();
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
        HALF_VECTOR half[2 * DOT_COLUMNS];
        const int here = rows - r < 2 ? 1 : 2;
#pragma GCC unroll 8
        for (int i = 0; i < here * columns; i++) {
            half[i] = TYPED(add_halves)(sum[r + i / columns][i % columns]);
        }
        REAL *to = dots.to + r * dots.to_row;
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
/* One row reads B once, from far away if it is large: then the rows to come are asked for, if they
 * are near enough to stay until it is their turn. */
static void TYPED(dot_product)(int64_t rows, int64_t columns, const DOTS *dots)
{
    const int64_t near = 2048 / (int64_t)sizeof(REAL);
    if (rows == 1 && columns > 1 && dots->depth >= 256 && dots->b_row <= near) {
        TYPED(dot_rows)(1, DOT_COLUMNS, true, dots);
        return;
    }
    EACH_DOT_ROWS(DOT_ROWS_OF)
}
#undef DOT_ROWS_OF
#undef VECTOR
#undef INTRINSIC
#undef MASK
#undef STEP
#undef PARTS

#else
static void TYPED(dot_product)(int64_t rows, int64_t columns, const DOTS *dots)
{
    (void)rows;
    const REAL *a = dots->a, *b = dots->b;
    for (int64_t j = 0; j < columns; j++, b += dots->b_row) {
        REAL sum[DOT_BYTES / sizeof(REAL)] = { 0 };
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

/* c = alpha * total + beta * c, as a tile does it, for rows x columns elements. */
static void TYPED(put_dots)(const cd_gemm_call *call, REAL beta, REAL *c, int64_t rows,
                            int64_t columns, REAL total[DOT_ROWS][DOT_COLUMNS])
{
    const REAL alpha = (REAL)call->alpha;
    const int64_t c_row = call->transpose_c ? 1 : call->ldc;
    const int64_t c_step = call->transpose_c ? call->ldc : 1;
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t j = 0; j < columns; j++) {
            REAL *to = c + r * c_row + j * c_step, scaled = alpha * total[r][j];
            *to = beta == 0 ? scaled : scaled + beta * *to;
        }
    }
}

/* Some rows of op(A), of which the first of the block is at `a`, by all columns of the block, for
 * products [first, first + depth). Totals that are C's elements go there at once. */
static void TYPED(dot_block)(const cd_gemm_call *call, const cd_gemm_block *block, int64_t first,
                             int64_t depth, const REAL *a, int64_t a_row)
{
    const REAL beta = (REAL)(first == 0 ? call->beta : 1);
    const bool direct = call->alpha == 1 && beta == 0 && !call->transpose_c;
    const int64_t height = divide_up(block->rows, divide_up(block->rows, DOT_ROWS));
    REAL total[DOT_ROWS][DOT_COLUMNS];
    DOTS dots = { .depth = depth,
                  .a_row = a_row,
                  .b_row = call->ldb,
                  .to_row = direct ? call->ldc : DOT_COLUMNS,
                  .to = total[0] };
    for (int64_t j = 0, columns; j < block->columns; j += columns) {
        columns = block->columns - j < DOT_COLUMNS ? 1 : DOT_COLUMNS;
        dots.b = (const REAL *)call->b + (block->column + j) * call->ldb + first;
        for (int64_t i = 0; i < block->rows; i += height) {
            int64_t rows = smaller(height, block->rows - i);
            int64_t row = block->row + i, column = block->column + j;
            REAL *c = (REAL *)call->c +
                      (call->transpose_c ? column * call->ldc + row : row * call->ldc + column);
            dots.a = a + i * a_row;
            if (direct) dots.to = c;
            TYPED(dot_product)(rows, columns, &dots);
            if (!direct) TYPED(put_dots)(call, beta, c, rows, columns, total);
        }
    }
}

/* The rows of an A stored transposed are copied to the panel, DOT_ROWS at a time. */
static void TYPED(dots_product)(const cd_gemm_call *call, const cd_gemm_block *block,
                                const cd_gemm_panel *panel)
{
    const REAL *a = call->a;
    REAL *packed = panel->b;
    for (int64_t p = 0; p < call->k; p += CD_GEMM_DOTS_DEPTH) {
        int64_t depth = smaller(CD_GEMM_DOTS_DEPTH, call->k - p);
        if (!call->transpose_a) {
            TYPED(dot_block)(call, block, p, depth, a + block->row * call->lda + p, call->lda);
            continue;
        }
        for (int64_t i = 0; i < block->rows; i += DOT_ROWS) {
            cd_gemm_block part = { block->row + i, smaller(DOT_ROWS, block->rows - i),
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
