/* Products of blocks by tiles, for one floating type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h).
 *
 * After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 34,
 * 2008). For CD_GEMM_DEPTH steps p of k at a time, and for each panel of B's columns:
 *
 *     pack B into strips, strip[p][column]          stays in the second or third level cache
 *     for some rows of A: pack them into strips, strip[p][row]           the second level
 *         for each strip of B                                            the first level
 *             for each strip of A: a tile of C in registers
 *
 * An operand that only few rows or columns read again is not packed, and the tiles read it in
 * place.
 *
 * Every element of C is the sum over p in order, CD_GEMM_DEPTH products at a time. So its bits
 * depend on k, alpha and beta, but not on its position, nor on how the product was cut. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of gemm_blocked_typed.h is missing"
#endif
#include <string.h>

#include "core/cpu/gemm_internal.h"
#include "core/cpu/gemm_shapes_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/cpu/vectors_internal.h"

#define WIDTH  ((int)(TILE_BYTES / sizeof(TYPE)))
#define SQUARE ((int)(32 / sizeof(TYPE))) /* it divides the columns of every strip */
#define LEFT   TYPED(left)
#define TILE   TYPED(tile)

/* Some rows and steps of op(A): its element (r, p) is first[r * row + p * step]. */
typedef struct {
    const TYPE *first;
    int64_t row, step;
} LEFT;

/* A tile of `rows` x `width` elements: c = alpha * sum + beta * c, where the sum over p < depth is
 * of a[r * a_row + p * a_step] * b[p * b_step + j]. In the first `whole_steps` steps whole vectors
 * of b may be read, even where they have elements beyond the width, which are not used. */
typedef struct {
    int64_t depth, whole_steps, a_row, a_step, b_step, rows, width, ldc;
    TYPE alpha, beta;
} TILE;

#ifdef CD_CPU_AVX2
#include "core/cpu/transpose_internal.h"

enum { TYPED(LANES) = sizeof(TYPED(vector_wide)) / sizeof(TYPE) };

#define VARIANT wide
#include "core/cpu/gemm_tile_typed.h"
#ifdef CD_CPU_AVX512
#define VARIANT half
#include "core/cpu/gemm_tile_typed.h"
#endif

#define TILE_OF(rows_, vectors_)                                                                   \
    static void TYPED(tile_##rows_##_##vectors_)(const TYPE *a, const TYPE *b, TYPE *c,            \
                                                 const TILE *tile)                                 \
    {                                                                                              \
        TYPED(any_product_wide)(rows_, vectors_, a, b, c, tile);                                   \
    }
#define HALF_TILE_OF(rows_)                                                                        \
    static void TYPED(half_tile_##rows_)(const TYPE *a, const TYPE *b, TYPE *c, const TILE *tile)  \
    {                                                                                              \
        TYPED(any_product_half)(rows_, 1, a, b, c, tile);                                          \
    }
EACH_TILE(TILE_OF)
EACH_HALF_TILE(HALF_TILE_OF)
#undef TILE_OF
#undef HALF_TILE_OF

/* The function of a tile, by its rows and its vectors of columns; 0 vectors is half of one. */
typedef void TYPED(tile_function)(const TYPE *a, const TYPE *b, TYPE *c, const TILE *tile);
#define TILE_NAME(rows_, vectors_) [rows_][vectors_] = TYPED(tile_##rows_##_##vectors_),
#define HALF_TILE_NAME(rows_)      [rows_][0] = TYPED(half_tile_##rows_),
static TYPED(tile_function) *const
    TYPED(tile_functions)[ROWS + 1][VECTORS + 1] = { EACH_TILE(TILE_NAME)
                                                         EACH_HALF_TILE(HALF_TILE_NAME) };
#undef TILE_NAME
#undef HALF_TILE_NAME

/* The vectors that `width` columns take; 0 is half of one. */
static int64_t TYPED(vectors)(int64_t width)
{
    return HALF_TILES && width <= TYPED(LANES) / 2 ? 0 : cd_divide_up(width, TYPED(LANES));
}

static void TYPED(tile_product)(const TYPE *a, const TYPE *b, TYPE *c, const TILE *tile)
{
    TYPED(tile_functions)[tile->rows][TYPED(vectors)(tile->width)](a, b, c, tile);
}

/* The columns of a packed strip of B that has `width` columns of the matrix: whole vectors, or half
 * of one. */
static int64_t TYPED(strip_columns)(int64_t width)
{
    int64_t vectors = TYPED(vectors)(width);
    return vectors == 0 ? TYPED(LANES) / 2 : vectors * TYPED(LANES);
}

/* The width of the next strip, when `columns` columns are left, for tiles of `height` rows. It
 * makes as few strips as possible, whose widths differ by a vector at most. Columns beyond the last
 * whole vector that fit in half a vector are a strip of their own. */
static int64_t TYPED(strip_width)(int64_t height, int64_t columns)
{
    int64_t vectors = cd_divide_up(columns, TYPED(LANES)), most = most_vectors[height];
    int64_t over = columns % TYPED(LANES);
    if (HALF_TILES && vectors > 1 && over > 0 && over <= TYPED(LANES) / 2) vectors--;
    if (vectors > most) vectors = cd_divide_up(vectors, cd_divide_up(vectors, most));
    return cd_smaller(columns, vectors * TYPED(LANES));
}

#else
static int64_t TYPED(strip_columns)(int64_t width)
{
    (void)width;
    return WIDTH;
}

static int64_t TYPED(strip_width)(int64_t height, int64_t columns)
{
    (void)height;
    return cd_smaller(WIDTH, columns);
}

/* Stores one row of a tile. */
static __attribute__((noinline)) void TYPED(put)(const TILE *tile, const TYPE *sum, TYPE *c)
{
    for (int64_t j = 0; j < tile->width; j++) {
        TYPE scaled = tile->alpha * sum[j];
        c[j] = tile->beta == 0 ? scaled : scaled + tile->beta * c[j];
    }
}

/* Row by row: the sums of one row fit in the registers of every machine. */
static void TYPED(tile_product)(const TYPE *a, const TYPE *b, TYPE *c, const TILE *tile)
{
    for (int64_t r = 0; r < tile->rows; r++, a += tile->a_row) {
        TYPE sum[TILE_BYTES / sizeof(TYPE)] = { 0 };
        for (int64_t p = 0; p < tile->depth; p++) {
            TYPE factor = a[p * tile->a_step];
            const TYPE *from = b + p * tile->b_step;
            if (p >= tile->whole_steps) {
                for (int64_t j = 0; j < tile->width; j++) sum[j] += factor * from[j];
                continue;
            }
#ifndef __clang__ /* gcc unrolls first and then finds no vectors */
#pragma GCC unroll 1
#endif
            for (int j = 0; j < WIDTH; j++) sum[j] += factor * from[j];
        }
        TYPED(put)(tile, sum, c + r * tile->ldc);
    }
}
#endif

/* Packs `rows` rows of A into strips of `height` rows: strip[p][r]. */
static void TYPED(pack_left)(LEFT a, int64_t rows, int64_t height, int64_t depth, TYPE *to)
{
    for (int64_t i = 0; i < rows; i += height, to += height * depth) {
        int64_t here = cd_smaller(height, rows - i);
        const TYPE *from = a.first + i * a.row;
        if (a.row == 1 && here == ROWS) {
            for (int64_t p = 0; p < depth; p++) {
                memcpy(to + p * ROWS, from + p * a.step, ROWS * sizeof(TYPE));
            }
            continue;
        }
        for (int64_t p = 0; p < depth; p++) {
            for (int64_t r = 0; r < here; r++) to[p * height + r] = from[r * a.row + p * a.step];
        }
    }
}

/* The next three functions pack one strip of B: strip[p][j] for p in [first, first + depth) and the
 * `width` columns from `column` on. Further columns of the strip have any values; tiles compute
 * with them, and do not store the result.
 *
 * This one packs a B that is stored as it is used. */
static void TYPED(pack_plain)(const cd_gemm_call *call, int64_t first, int64_t depth,
                              int64_t column, int64_t width, TYPE *restrict to)
{
    const TYPE *from = (const TYPE *)call->b + first * call->ldb + column;
#ifdef CD_CPU_AVX512
    if (TYPED(vectors)(width) == 0) {
        TYPED(copy_strip_half)(from, call->ldb, depth, width, to);
        return;
    }
#endif
#ifdef CD_CPU_AVX2
    TYPED(copy_strip_wide)(from, call->ldb, depth, width, to);
#else
    for (int64_t p = 0; p < depth; p++, from += call->ldb, to += WIDTH) {
        for (int64_t j = 0; j < WIDTH; j++) to[j] = j < width ? from[j] : 0;
    }
#endif
}

#ifdef CD_CPU_AVX2
/* to[p * stride + i] = from[i][first + p] for i and p below SQUARE. */
static void TYPED(transpose)(const TYPE *const *from, int64_t first, TYPE *to, int64_t stride)
{
    TYPED(vector_half) row[SQUARE];
    for (int i = 0; i < SQUARE; i++) row[i] = TYPED(INTRINSIC_half)(loadu)(from[i] + first);
    TYPED(cd_cpu_transpose)(row);
    for (int i = 0; i < SQUARE; i++) TYPED(INTRINSIC_half)(storeu)(to + i * stride, row[i]);
}
#endif

/* Packs a B that is stored transposed, by squares of SQUARE x SQUARE, which the vector builds
 * transpose in registers. */
static void TYPED(pack_transposed)(const cd_gemm_call *call, int64_t first, int64_t depth,
                                   int64_t column, int64_t width, TYPE *restrict to)
{
    int64_t columns = TYPED(strip_columns)(width);
    for (int64_t j = 0; j < columns; j += SQUARE) {
        const TYPE *from[SQUARE];
        for (int64_t i = 0; i < SQUARE; i++) {
            from[i] =
                (const TYPE *)call->b + (column + cd_smaller(j + i, width - 1)) * call->ldb + first;
        }
        int64_t p = 0;
#ifdef CD_CPU_AVX2
        for (; p + SQUARE <= depth; p += SQUARE) {
            TYPED(transpose)(from, p, to + p * columns + j, columns);
        }
#endif
        for (; p < depth; p++) {
            for (int i = 0; i < SQUARE; i++) to[p * columns + j + i] = from[i][p];
        }
    }
}

/* Packs a gathered B, by groups of SQUARE columns. In an image's row the columns of such a group
 * are neighbours more often than those of a whole strip are. */
static void TYPED(pack_gathered)(const cd_gemm_call *call, int64_t first, int64_t depth,
                                 int64_t column, int64_t width, TYPE *restrict to)
{
    const int64_t *row = call->b_row + first;
    int64_t columns = TYPED(strip_columns)(width);
    for (int64_t j = 0; j < columns; j += SQUARE) {
        int64_t offset[SQUARE];
        bool neighbours = true;
        for (int64_t i = 0; i < SQUARE; i++) {
            offset[i] = call->b_column[column + cd_smaller(j + i, width - 1)];
            neighbours = neighbours && offset[i] == offset[0] + i;
        }
        TYPE *group = to + j;
        for (int64_t p = 0; p < depth; p++, group += columns) {
            const TYPE *from = (const TYPE *)call->b + row[p];
            if (neighbours) {
                memcpy(group, from + offset[0], SQUARE * sizeof(TYPE));
            } else {
                for (int i = 0; i < SQUARE; i++) group[i] = from[offset[i]];
            }
        }
    }
}

/* Packs all strips of a block's columns. */
static void TYPED(pack_right)(const cd_gemm_call *call, const cd_gemm_block *block, int64_t height,
                              int64_t first, int64_t depth, TYPE *to)
{
    for (int64_t j = 0, width; j < block->columns; j += width) {
        int64_t column = block->column + j;
        width = TYPED(strip_width)(height, block->columns - j);
        if (call->b_row) {
            TYPED(pack_gathered)(call, first, depth, column, width, to);
        } else if (call->transpose_b) {
            TYPED(pack_transposed)(call, first, depth, column, width, to);
        } else {
            TYPED(pack_plain)(call, first, depth, column, width, to);
        }
        to += depth * TYPED(strip_columns)(width);
    }
}

/* Steps [first, first + depth) of one block, and its operands as the tiles read them. */
typedef struct {
    int64_t first, depth, height; /* height: rows of a tile */
    LEFT a;
    int64_t a_strip;    /* elements from one tile's rows of A to the next tile's */
    const TYPE *packed; /* the strips of B, or NULL where B is read in place */
    TYPE alpha, beta;
} TYPED(run);

/* In how many of the run's steps `columns` elements from `column` on may be read of a B that is not
 * packed. Behind a row's last column stands the next row, if there is no gap between rows. */
static int64_t TYPED(whole_steps)(const cd_gemm_call *call, const TYPED(run) * run, int64_t column,
                                  int64_t columns)
{
    if (column + columns <= call->n) return run->depth;
    if (call->ldb != call->n) return 0;
    int64_t behind = (call->k - run->first) * call->n - column - columns;
    return behind < 0 ? 0 : cd_smaller(run->depth, behind / call->n + 1);
}

/* A tile of a C that is stored transposed: into an array that is not, which is then copied. */
static void TYPED(transposed_tile)(const TYPE *a, const TYPE *b, TYPE *c, const TILE *tile)
{
    TYPE sums[TILE_ELEMENTS * sizeof(float) / sizeof(TYPE)];
    TILE straight = *tile;
    straight.ldc = tile->width;
    straight.beta = 0;
    TYPED(tile_product)(a, b, sums, &straight);
    for (int64_t j = 0; j < tile->width; j++, c += tile->ldc) {
        for (int64_t r = 0; r < tile->rows; r++) {
            TYPE sum = sums[r * tile->width + j];
            c[r] = tile->beta == 0 ? sum : sum + tile->beta * c[r];
        }
    }
}

/* The tiles of rows [row, row + rows) of the block. */
static void TYPED(tiles)(const cd_gemm_call *call, const cd_gemm_block *block, int64_t row,
                         int64_t rows, const TYPED(run) * run)
{
    const int64_t c_row = call->transpose_c ? 1 : call->ldc;
    const int64_t c_step = call->transpose_c ? call->ldc : 1;
    TYPE *c = (TYPE *)call->c + (block->row + row) * c_row + block->column * c_step;
    TILE tile = { .depth = run->depth,
                  .a_row = run->a.row,
                  .a_step = run->a.step,
                  .ldc = call->ldc,
                  .alpha = run->alpha,
                  .beta = run->beta };
    const TYPE *b = run->packed, *next = NULL;
    for (int64_t j = 0; j < block->columns; j += tile.width, b = next) {
        tile.width = TYPED(strip_width)(run->height, block->columns - j);
        tile.b_step = TYPED(strip_columns)(tile.width);
        tile.whole_steps = run->depth;
        if (run->packed) {
            next = b + run->depth * tile.b_step;
        } else {
            b = (const TYPE *)call->b + run->first * call->ldb + block->column + j;
            tile.whole_steps = TYPED(whole_steps)(call, run, block->column + j, tile.b_step);
            tile.b_step = call->ldb;
        }
        const TYPE *a = run->a.first;
        for (int64_t i = 0; i < rows; i += run->height, a += run->a_strip) {
            tile.rows = cd_smaller(run->height, rows - i);
            if (call->transpose_c) {
                TYPED(transposed_tile)(a, b, c + i + j * call->ldc, &tile);
            } else {
                TYPED(tile_product)(a, b, c + i * call->ldc + j, &tile);
            }
        }
    }
}

/* Steps [first, first + depth) of a block that is no wider than a packed panel of B. A is packed if
 * enough columns read it again, B if enough rows do. */
static void TYPED(panel_product)(const cd_gemm_call *call, const cd_gemm_block *block,
                                 int64_t first, int64_t depth, const cd_gemm_panel *panel)
{
    const bool packs_a = cd_gemm_packs_a(block),
               packs_b = cd_gemm_packs_b(call, block, IN_PLACE_ROWS);
    int64_t row = call->transpose_a ? 1 : call->lda, step = call->transpose_a ? call->lda : 1;
    const int64_t most = depth < SHORT_DEPTH ? SHORT_ROWS : ROWS;
    int64_t height = block->rows <= most
                         ? block->rows
                         : cd_divide_up(block->rows, cd_divide_up(block->rows, most));
    TYPED(run)
    run = { .first = first,
            .depth = depth,
            .height = height,
            .a_strip = height * (packs_a ? depth : row),
            .packed = packs_b ? panel->b : NULL,
            .alpha = (TYPE)call->alpha,
            .beta = (TYPE)(first == 0 ? call->beta : 1) };
    if (packs_b) TYPED(pack_right)(call, block, height, first, depth, panel->b);
    int64_t most_rows = panel->a_rows / height * height;
    for (int64_t i = 0; i < block->rows; i += most_rows) {
        int64_t rows = cd_smaller(most_rows, block->rows - i);
        run.a = (LEFT){ (const TYPE *)call->a + (block->row + i) * row + first * step, row, step };
        if (packs_a) {
            TYPED(pack_left)(run.a, rows, height, depth, panel->a);
            run.a = (LEFT){ panel->a, 1, height };
        }
        TYPED(tiles)(call, block, i, rows, &run);
    }
}

/* A block of C. */
static void TYPED(block)(const cd_gemm_call *call, const cd_gemm_block *block,
                         const cd_gemm_panel *panel)
{
    int64_t columns = panel->b_strips * WIDTH;
    for (int64_t j = 0; j < block->columns; j += columns) {
        cd_gemm_block part = { block->row, block->rows, block->column + j,
                               cd_smaller(columns, block->columns - j) };
        for (int64_t p = 0; p < call->k; p += CD_GEMM_DEPTH) {
            TYPED(panel_product)(call, &part, p, cd_smaller(CD_GEMM_DEPTH, call->k - p), panel);
        }
    }
}

#undef WIDTH
#undef LEFT
#undef TILE
#undef SQUARE
#undef TYPE
#undef SUFFIX
