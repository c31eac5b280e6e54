/* The blocked product of one floating type; gemm_kernel.c includes it for each, with REAL and TYPED
 * defined, and in the AVX2 and AVX-512 builds what gemm_tile.h asks for.
 *
 * After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 34,
 * 2008). For each run of products (depth) and each panel of B's columns:
 *
 *     pack B into strips, strip[p][columns]        stays in the second or third level cache
 *     for each run of rows: pack A into strips, strip[p][rows]      the second level
 *         for each strip of B                                       the first level
 *             for each strip of A: a tile of C in registers
 *
 * What few rows or columns read again is not packed but read where it lies.
 *
 * Every element of C is the sum over p in order, CD_GEMM_DEPTH products at a time: its bits depend
 * on k, alpha and beta, never on where it lies or how the product was cut. */

#define WIDTH ((int)(TILE_BYTES / sizeof(REAL)))
#define LEFT  TYPED(left)
#define TILE  TYPED(tile)

/* A run of products over op(A)'s rows: element (r, p) is at[r * row + p * step]. */
typedef struct {
    const REAL *at;
    int64_t row, step;
} LEFT;

/* What tiles beside each other share. A tile is c = alpha * sum + beta * c for `rows` x `width`
 * elements, of sums over p < depth of a[r * a_row + p * a_step] * b[p * b_step + j]. For p < plain
 * there are elements behind the width, up to whole vectors, that may be read and are not used. */
typedef struct {
    int64_t depth, plain, a_row, a_step, b_step, rows, width, ldc;
    REAL alpha, beta;
} TILE;

#ifdef CD_CPU_AVX2
#define VECTOR       WIDE_VECTOR
#define INTRINSIC    WIDE_INTRINSIC
#define MASK         WIDE_MASK
#define TILED(name_) TYPED(name_)
enum { TYPED(LANES) = sizeof(VECTOR) / sizeof(REAL) };
#include "core/cpu/gemm_tile.h"
#undef TILED

#ifdef CD_CPU_AVX512
#undef VECTOR
#undef INTRINSIC
#undef MASK
#define VECTOR       HALF_VECTOR
#define INTRINSIC    HALF_INTRINSIC
#define MASK         HALF_MASK
#define TILED(name_) TYPED(half_##name_)
#include "core/cpu/gemm_tile.h"
#undef TILED
#endif
#undef VECTOR
#undef INTRINSIC
#undef MASK

#define TILE_OF(rows_, vectors_)                                                                   \
    static void TYPED(tile_##rows_##_##vectors_)(const REAL *a, const REAL *b, REAL *c,            \
                                                 const TILE *tile)                                 \
    {                                                                                              \
        TYPED(any_product)(rows_, vectors_, a, b, c, tile);                                        \
    }
#define HALF_TILE_OF(rows_)                                                                        \
    static void TYPED(half_tile_##rows_)(const REAL *a, const REAL *b, REAL *c, const TILE *tile)  \
    {                                                                                              \
        TYPED(half_any_product)(rows_, 1, a, b, c, tile);                                          \
    }
EACH_TILE(TILE_OF)
EACH_HALF_TILE(HALF_TILE_OF)
#undef TILE_OF
#undef HALF_TILE_OF

/* By rows and vectors of columns (0: half of one). */
typedef void TYPED(tile_function)(const REAL *a, const REAL *b, REAL *c, const TILE *tile);
#define TILE_NAME(rows_, vectors_) [rows_][vectors_] = TYPED(tile_##rows_##_##vectors_),
#define HALF_TILE_NAME(rows_)      [rows_][0] = TYPED(half_tile_##rows_),
static TYPED(tile_function) *const
    TYPED(tile_functions)[ROWS + 1][VECTORS + 1] = { EACH_TILE(TILE_NAME)
                                                         EACH_HALF_TILE(HALF_TILE_NAME) };
#undef TILE_NAME
#undef HALF_TILE_NAME

static int64_t TYPED(vectors)(int64_t width)
{
    return HALF_TILES && width <= TYPED(LANES) / 2 ? 0 : divide_up(width, TYPED(LANES));
}

static void TYPED(tile_product)(const REAL *a, const REAL *b, REAL *c, const TILE *tile)
{
    TYPED(tile_functions)[tile->rows][TYPED(vectors)(tile->width)](a, b, c, tile);
}

/* The columns that a strip of B is packed with: whole vectors, or half of one. */
static int64_t TYPED(strip_columns)(int64_t width)
{
    int64_t vectors = TYPED(vectors)(width);
    return vectors == 0 ? TYPED(LANES) / 2 : vectors * TYPED(LANES);
}

/* The width of the first of the strips that `columns` columns are cut into for tiles of this
 * height: as few strips as there may be, of widths that differ by no more than a vector; and what
 * is left over and fits in half a vector is a strip for itself. */
static int64_t TYPED(strip_width)(int64_t height, int64_t columns)
{
    int64_t vectors = divide_up(columns, TYPED(LANES)), most = most_vectors[height];
    int64_t over = columns % TYPED(LANES);
    if (HALF_TILES && vectors > 1 && over > 0 && over <= TYPED(LANES) / 2) vectors--;
    if (vectors > most) vectors = divide_up(vectors, divide_up(vectors, most));
    return smaller(columns, vectors * TYPED(LANES));
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
    return smaller(WIDTH, columns);
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
static void TYPED(tile_product)(const REAL *a, const REAL *b, REAL *c, const TILE *tile)
{
    for (int64_t r = 0; r < tile->rows; r++, a += tile->a_row) {
        REAL sum[TILE_BYTES / sizeof(REAL)] = { 0 };
        for (int64_t p = 0; p < tile->depth; p++) {
            REAL factor = a[p * tile->a_step];
            const REAL *from = b + p * tile->b_step;
            if (p >= tile->plain) {
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

/* Rows [0, rows) of a run of A into strips of `height` rows: strip[p][r]. */
static void TYPED(pack_left)(LEFT a, int64_t rows, int64_t height, int64_t depth, REAL *to)
{
    for (int64_t i = 0; i < rows; i += height, to += height * depth) {
        int64_t here = smaller(height, rows - i);
        const REAL *from = a.at + i * a.row;
        if (a.row == 1 && here == ROWS) {
            for (int64_t p = 0; p < depth; p++) {
                memcpy(to + p * ROWS, from + p * a.step, ROWS * sizeof(REAL));
            }
            continue;
        }
        for (int64_t p = 0; p < depth; p++) {
            for (int64_t r = 0; r < here; r++) to[p * height + r] = from[r * a.row + p * a.step];
        }
    }
}

/* The three ways to fill one strip of B: strip[p][j] for p in [first, first + depth) and the
 * `width` columns from `column` on. The strip's columns beyond them are summed too, and not used.
 */
static void TYPED(pack_plain)(const cd_gemm_call *call, int64_t first, int64_t depth,
                              int64_t column, int64_t width, REAL *restrict to)
{
    const REAL *from = (const REAL *)call->b + first * call->ldb + column;
#ifdef CD_CPU_AVX512
    if (TYPED(vectors)(width) == 0) {
        TYPED(half_copy_strip)(from, call->ldb, depth, width, to);
        return;
    }
#endif
#ifdef CD_CPU_AVX2
    TYPED(copy_strip)(from, call->ldb, depth, width, to);
#else
    for (int64_t p = 0; p < depth; p++, from += call->ldb, to += WIDTH) {
        for (int64_t j = 0; j < WIDTH; j++) to[j] = j < width ? from[j] : 0;
    }
#endif
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
            TYPED(transpose)(from, p, to + p * columns + j, columns);
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

static void TYPED(pack_right)(const cd_gemm_call *call, const cd_gemm_block *block, int64_t height,
                              int64_t first, int64_t depth, REAL *to)
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

/* A run of products [first, first + depth) of one block: its operands as the tiles read them. */
typedef struct {
    int64_t first, depth, height; /* height: rows of a tile */
    LEFT a;
    int64_t a_strip;
    const REAL *packed; /* B in strips, or NULL: B is read where it lies */
    REAL alpha, beta;
} TYPED(run);

/* For how many steps of the run `columns` elements from `column` on may be read of a B in place:
 * what lies behind the last column is the next row, if the rows lie without gaps. */
static int64_t TYPED(plain)(const cd_gemm_call *call, const TYPED(run) * run, int64_t column,
                            int64_t columns)
{
    if (column + columns <= call->n) return run->depth;
    if (call->ldb != call->n) return 0;
    int64_t behind = (call->k - run->first) * call->n - column - columns;
    return behind < 0 ? 0 : smaller(run->depth, behind / call->n + 1);
}

/* A tile of a C that is stored transposed, by way of one that is not. */
static void TYPED(turned_tile)(const REAL *a, const REAL *b, REAL *c, const TILE *tile)
{
    REAL sums[TILE_ELEMENTS * sizeof(float) / sizeof(REAL)];
    TILE plain = *tile;
    plain.ldc = tile->width;
    plain.beta = 0;
    TYPED(tile_product)(a, b, sums, &plain);
    for (int64_t j = 0; j < tile->width; j++, c += tile->ldc) {
        for (int64_t r = 0; r < tile->rows; r++) {
            REAL sum = sums[r * tile->width + j];
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
    REAL *c = (REAL *)call->c + (block->row + row) * c_row + block->column * c_step;
    TILE tile = { .depth = run->depth,
                  .a_row = run->a.row,
                  .a_step = run->a.step,
                  .ldc = call->ldc,
                  .alpha = run->alpha,
                  .beta = run->beta };
    const REAL *b = run->packed, *next = NULL;
    for (int64_t j = 0; j < block->columns; j += tile.width, b = next) {
        tile.width = TYPED(strip_width)(run->height, block->columns - j);
        tile.b_step = TYPED(strip_columns)(tile.width);
        tile.plain = run->depth;
        if (run->packed) {
            next = b + run->depth * tile.b_step;
        } else {
            b = (const REAL *)call->b + run->first * call->ldb + block->column + j;
            tile.plain = TYPED(plain)(call, run, block->column + j, tile.b_step);
            tile.b_step = call->ldb;
        }
        const REAL *a = run->a.at;
        for (int64_t i = 0; i < rows; i += run->height, a += run->a_strip) {
            tile.rows = smaller(run->height, rows - i);
            if (call->transpose_c) {
                TYPED(turned_tile)(a, b, c + i + j * call->ldc, &tile);
            } else {
                TYPED(tile_product)(a, b, c + i * call->ldc + j, &tile);
            }
        }
    }
}

/* The part of `block` that one packed panel of B covers, for products [first, first + depth).
 * Packing A pays when enough columns read it again, packing B when enough rows do. */
static void TYPED(panel_product)(const cd_gemm_call *call, const cd_gemm_block *block,
                                 int64_t first, int64_t depth, const cd_gemm_panel *panel)
{
    const bool packs_a = cd_gemm_packs_a(block),
               packs_b = cd_gemm_packs_b(call, block, IN_PLACE_ROWS);
    int64_t row = call->transpose_a ? 1 : call->lda, step = call->transpose_a ? call->lda : 1;
    const int64_t most = depth < SHORT_DEPTH ? SHORT_ROWS : ROWS;
    int64_t height =
        block->rows <= most ? block->rows : divide_up(block->rows, divide_up(block->rows, most));
    TYPED(run)
    run = { .first = first,
            .depth = depth,
            .height = height,
            .a_strip = height * (packs_a ? depth : row),
            .packed = packs_b ? panel->b : NULL,
            .alpha = (REAL)call->alpha,
            .beta = (REAL)(first == 0 ? call->beta : 1) };
    if (packs_b) TYPED(pack_right)(call, block, height, first, depth, panel->b);
    int64_t most_rows = panel->a_rows / height * height;
    for (int64_t i = 0; i < block->rows; i += most_rows) {
        int64_t rows = smaller(most_rows, block->rows - i);
        run.a = (LEFT){ (const REAL *)call->a + (block->row + i) * row + first * step, row, step };
        if (packs_a) {
            TYPED(pack_left)(run.a, rows, height, depth, panel->a);
            run.a = (LEFT){ panel->a, 1, height };
        }
        TYPED(tiles)(call, block, i, rows, &run);
    }
}

static void TYPED(block)(const cd_gemm_call *call, const cd_gemm_block *block,
                         const cd_gemm_panel *panel)
{
    int64_t columns = panel->b_strips * WIDTH;
    for (int64_t j = 0; j < block->columns; j += columns) {
        cd_gemm_block part = { block->row, block->rows, block->column + j,
                               smaller(columns, block->columns - j) };
        for (int64_t p = 0; p < call->k; p += CD_GEMM_DEPTH) {
            TYPED(panel_product)(call, &part, p, smaller(CD_GEMM_DEPTH, call->k - p), panel);
        }
    }
}

#undef WIDTH
#undef LEFT
#undef TILE
