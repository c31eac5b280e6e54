/* The blocked product of one floating type; gemm_kernel.c includes it for each, with REAL and TYPED
 * defined, and in the AVX2 and AVX-512 builds what gemm_tile.h asks for.
 *
 * After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 34,
 * 2008). For each run of products (depth) and each panel of B's columns:
 *
 *     pack B into strips, strip[p][WIDTH]          stays in the second or third level cache
 *     for each run of rows: pack A into strips, strip[p][ROWS]      the second level
 *         for each strip of B                                       the first level
 *             for each strip of A: a tile of C in registers
 *
 * Every element of C is the sum over p in order, CD_GEMM_DEPTH products at a time: its bits depend
 * on k, alpha and beta, never on where it lies or how the product was cut. */

#define WIDTH ((int)(TILE_BYTES / sizeof(REAL)))
#define LEFT  TYPED(left)
#define RIGHT TYPED(right)
#define TILE  TYPED(tile)

/* A run of products over op(A)'s rows: element (r, p) is at[r * row + p * step]. */
typedef struct {
    const REAL *at;
    int64_t row, step;
} LEFT;

/* The same over op(B)'s columns: those of product p start at at[p * step]. */
typedef struct {
    const REAL *at;
    int64_t step;
} RIGHT;

/* Where a tile of C goes: `rows` x `width` elements at `at`, c = alpha * sum + beta * c. */
typedef struct {
    REAL *at;
    int64_t rows, width, ldc;
    REAL alpha, beta;
} TILE;

#ifdef CD_CPU_AVX2
enum { TYPED(LANES) = sizeof(VECTOR) / sizeof(REAL) };
#define TILED(name_) TYPED(name_)
#include "core/cpu/gemm_tile.h"
#undef TILED

#define TILE_OF(rows_, vectors_)                                                                   \
    static void TYPED(tile_##rows_##_##vectors_)(int64_t depth, LEFT a, RIGHT b, const TILE *tile) \
    {                                                                                              \
        TYPED(any_product)(rows_, vectors_, depth, a, b, tile);                                    \
    }
#define TILE_NAME(rows_, vectors_) TYPED(tile_##rows_##_##vectors_),
EACH_ROWS(TILE_OF, 1)
EACH_ROWS(TILE_OF, 2)
#ifdef CD_CPU_AVX512
EACH_ROWS(TILE_OF, 3)

/* Half a vector of columns: there are processors that need half the time for it. */
#undef VECTOR
#undef INTRINSIC
#undef MASK
#define VECTOR       HALF_VECTOR
#define INTRINSIC    HALF_INTRINSIC
#define MASK         HALF_MASK
#define TILED(name_) TYPED(half_##name_)
#include "core/cpu/gemm_tile.h"
#undef TILED
#define HALF_TILE_OF(rows_, vectors_)                                                              \
    static void TYPED(tile_##rows_##_0)(int64_t depth, LEFT a, RIGHT b, const TILE *tile)          \
    {                                                                                              \
        TYPED(half_any_product)(rows_, vectors_, depth, a, b, tile);                               \
    }
EACH_ROWS(HALF_TILE_OF, 1)
#undef HALF_TILE_OF
#endif

/* By vectors of columns (0: half of one) and rows. */
typedef void TYPED(tile_function)(int64_t depth, LEFT a, RIGHT b, const TILE *tile);
static TYPED(tile_function) *const TYPED(tile_functions)[VECTORS + 1][ROWS] = {
    [1] = { EACH_ROWS(TILE_NAME, 1) },
    [2] = { EACH_ROWS(TILE_NAME, 2) },
#ifdef CD_CPU_AVX512
    [0] = { EACH_ROWS(TILE_NAME, 0) },
    [3] = { EACH_ROWS(TILE_NAME, 3) },
#endif
};
#undef TILE_OF
#undef TILE_NAME

static int64_t TYPED(vectors)(int64_t width)
{
#ifdef CD_CPU_AVX512
    if (width <= TYPED(LANES) / 2) return 0;
#endif
    return (width + TYPED(LANES) - 1) / TYPED(LANES);
}

static void TYPED(tile_product)(int64_t depth, LEFT a, RIGHT b, const TILE *tile)
{
    TYPED(tile_functions)[TYPED(vectors)(tile->width)][tile->rows - 1](depth, a, b, tile);
}

/* The columns that a strip of B is packed with: whole vectors. */
static int64_t TYPED(strip_columns)(int64_t width)
{
    int64_t vectors = TYPED(vectors)(width);
    return vectors == 0 ? TYPED(LANES) / 2 : vectors * TYPED(LANES);
}

#else
static int64_t TYPED(strip_columns)(int64_t width)
{
    (void)width;
    return WIDTH;
}

/* One row of a tile's sums into C, as TILED(put) does. */
static __attribute__((noinline)) void TYPED(put)(const TILE *tile, const REAL *sum, REAL *c)
{
    for (int64_t j = 0; j < tile->width; j++) {
        REAL scaled = tile->alpha * sum[j];
        c[j] = tile->beta == 0 ? scaled : scaled + tile->beta * c[j];
    }
}

/* Row by row, so that one row of sums fits in the registers of any machine. */
static void TYPED(tile_product)(int64_t depth, LEFT a, RIGHT b, const TILE *tile)
{
    for (int64_t r = 0; r < tile->rows; r++, a.at += a.row) {
        REAL sum[TILE_BYTES / sizeof(REAL)] = { 0 };
        for (int64_t p = 0; p < depth; p++) {
            REAL factor = a.at[p * a.step];
            const REAL *from = b.at + p * b.step;
#ifndef __clang__ /* gcc unrolls first and then finds no vectors */
#pragma GCC unroll 1
#endif
            for (int j = 0; j < WIDTH; j++) sum[j] += factor * from[j];
        }
        TYPED(put)(tile, sum, tile->at + r * tile->ldc);
    }
}
#endif

/* Rows [0, rows) of a run of A into strips of ROWS: strip[p][r]. */
static void TYPED(pack_left)(LEFT a, int64_t rows, int64_t depth, REAL *to)
{
    for (int64_t i = 0; i < rows; i += ROWS, to += ROWS * depth) {
        int64_t here = smaller(ROWS, rows - i);
        const REAL *from = a.at + i * a.row;
        if (a.row == 1 && here == ROWS) {
            for (int64_t p = 0; p < depth; p++) {
                memcpy(to + p * ROWS, from + p * a.step, ROWS * sizeof(REAL));
            }
            continue;
        }
        for (int64_t p = 0; p < depth; p++) {
            for (int64_t r = 0; r < here; r++) to[p * ROWS + r] = from[r * a.row + p * a.step];
        }
    }
}

/* The three ways to fill one strip of B: strip[p][j] for p in [first, first + depth) and the
 * `width` columns from `column` on. The strip's columns beyond them, up to `columns`, are summed
 * too, and not used: any finite numbers would do. */
static void TYPED(pack_plain)(const cd_gemm_call *call, int64_t first, int64_t depth,
                              int64_t column, int64_t width, REAL *restrict to)
{
    const REAL *from = (const REAL *)call->b + first * call->ldb + column;
    int64_t columns = TYPED(strip_columns)(width);
    for (int64_t p = 0; p < depth; p++, from += call->ldb, to += columns) {
        if (width == WIDTH) {
            memcpy(to, from, TILE_BYTES);
        } else {
            for (int64_t j = 0; j < columns; j++) to[j] = j < width ? from[j] : 0;
        }
    }
}

/* By squares of SQUARE x SQUARE, which the vector builds turn in registers. */
static void TYPED(pack_transposed)(const cd_gemm_call *call, int64_t first, int64_t depth,
                                   int64_t column, int64_t width, REAL *restrict to)
{
    int64_t columns = TYPED(strip_columns)(width);
    for (int64_t j = 0; j < columns; j += SQUARE) {
        const REAL *from[SQUARE];
        for (int64_t i = 0; i < SQUARE; i++) {
            from[i] =
                (const REAL *)call->b + (column + smaller(j + i, width - 1)) * call->ldb + first;
        }
        int64_t p = 0;
#ifdef CD_CPU_AVX2
        for (; p + SQUARE <= depth; p += SQUARE) {
            TYPED(turn)(from, p, to + p * columns + j, columns);
        }
#endif
        for (; p < depth; p++) {
            for (int i = 0; i < SQUARE; i++) to[p * columns + j + i] = from[i][p];
        }
    }
}

/* By groups of SQUARE columns, which in an image's row lie side by side more often than a whole
 * strip does. */
static void TYPED(pack_gathered)(const cd_gemm_call *call, int64_t first, int64_t depth,
                                 int64_t column, int64_t width, REAL *restrict to)
{
    const int64_t *row = call->b_row + first;
    int64_t columns = TYPED(strip_columns)(width);
    for (int64_t j = 0; j < columns; j += SQUARE) {
        int64_t offset[SQUARE];
        bool neighbours = true;
        for (int64_t i = 0; i < SQUARE; i++) {
            offset[i] = call->b_column[column + smaller(j + i, width - 1)];
            neighbours = neighbours && offset[i] == offset[0] + i;
        }
        REAL *group = to + j;
        for (int64_t p = 0; p < depth; p++, group += columns) {
            const REAL *from = (const REAL *)call->b + row[p];
            if (neighbours) {
                memcpy(group, from + offset[0], SQUARE * sizeof(REAL));
            } else {
                for (int i = 0; i < SQUARE; i++) group[i] = from[offset[i]];
            }
        }
    }
}

/* Whether B is read where it lies: columns side by side, which few rows read. */
static bool TYPED(stays)(const cd_gemm_call *call, int64_t rows, int64_t width)
{
    if (call->b_row || call->transpose_b || rows > IN_PLACE_ROWS) return false;
    return B_IN_PARTS || width == TYPED(strip_columns)(width);
}

static void TYPED(pack_right)(const cd_gemm_call *call, cd_gemm_block block, int64_t first,
                              int64_t depth, REAL *to)
{
    for (int64_t j = 0; j < block.columns; j += WIDTH) {
        int64_t width = smaller(WIDTH, block.columns - j), column = block.column + j;
        if (TYPED(stays)(call, block.rows, width)) {
            /* nothing to do, but its place is left free */
        } else if (call->b_row) {
            TYPED(pack_gathered)(call, first, depth, column, width, to);
        } else if (call->transpose_b) {
            TYPED(pack_transposed)(call, first, depth, column, width, to);
        } else {
            TYPED(pack_plain)(call, first, depth, column, width, to);
        }
        to += depth * TYPED(strip_columns)(width);
    }
}

/* A run of products [first, first + depth) of one block: its operands as the tiles read them. */
typedef struct {
    int64_t first, depth;
    LEFT a;
    int64_t a_strip;
    const REAL *b;
    REAL alpha, beta;
} TYPED(run);

/* The tiles of rows [row, row + rows) of the block. */
static void TYPED(tiles)(const cd_gemm_call *call, cd_gemm_block block, int64_t row, int64_t rows,
                         const TYPED(run) * run)
{
    REAL *c = (REAL *)call->c + (block.row + row) * call->ldc + block.column;
    TILE tile = { .ldc = call->ldc, .alpha = run->alpha, .beta = run->beta };
    const REAL *packed = run->b;
    for (int64_t j = 0; j < block.columns; j += WIDTH) {
        tile.width = smaller(WIDTH, block.columns - j);
        RIGHT right = { packed, TYPED(strip_columns)(tile.width) };
        packed += run->depth * right.step;
        if (TYPED(stays)(call, block.rows, tile.width)) {
            right.at = (const REAL *)call->b + run->first * call->ldb + block.column + j;
            right.step = call->ldb;
        }
        LEFT left = run->a;
        for (int64_t i = 0; i < rows; i += ROWS, left.at += run->a_strip) {
            tile.rows = smaller(ROWS, rows - i);
            tile.at = c + i * call->ldc + j;
            TYPED(tile_product)(run->depth, left, right, &tile);
        }
    }
}

/* The part of `block` that one packed panel of B covers, for products [first, first + depth).
 * Packing A pays when enough columns read it again. */
static void TYPED(panel_product)(const cd_gemm_call *call, cd_gemm_block block, int64_t first,
                                 int64_t depth, const cd_gemm_panel *panel)
{
    bool packs = block.columns > CD_GEMM_PACK_A_COLUMNS;
    int64_t row = call->transpose_a ? 1 : call->lda, step = call->transpose_a ? call->lda : 1;
    TYPED(run)
    run = { .first = first,
            .depth = depth,
            .a_strip = ROWS * (packs ? depth : row),
            .b = panel->b,
            .alpha = (REAL)call->alpha,
            .beta = (REAL)(first == 0 ? call->beta : 1) };
    TYPED(pack_right)(call, block, first, depth, panel->b);
    for (int64_t i = 0; i < block.rows; i += panel->a_rows) {
        int64_t rows = smaller(panel->a_rows, block.rows - i);
        run.a = (LEFT){ (const REAL *)call->a + (block.row + i) * row + first * step, row, step };
        if (packs) {
            TYPED(pack_left)(run.a, rows, depth, panel->a);
            run.a = (LEFT){ panel->a, 1, ROWS };
        }
        TYPED(tiles)(call, block, i, rows, &run);
    }
}

static void TYPED(block)(const cd_gemm_call *call, cd_gemm_block block, const cd_gemm_panel *panel)
{
    int64_t columns = panel->b_strips * WIDTH;
    for (int64_t j = 0; j < block.columns; j += columns) {
        cd_gemm_block part = { block.row, block.rows, block.column + j,
                               smaller(columns, block.columns - j) };
        for (int64_t p = 0; p < call->k; p += CD_GEMM_DEPTH) {
            TYPED(panel_product)(call, part, p, smaller(CD_GEMM_DEPTH, call->k - p), panel);
        }
    }
}

#undef WIDTH
#undef LEFT
#undef RIGHT
#undef TILE
