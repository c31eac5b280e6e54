/* The blocked product of one floating type; gemm_kernel.c includes it for each, with REAL, TYPED
 * and in the AVX2 build VECTOR and its operations defined.
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

#define WIDTH ((int)(CD_GEMM_TILE_BYTES / sizeof(REAL)))
#define ROWS  CD_GEMM_TILE_ROWS
#define LEFT  TYPED(left)
#define RIGHT TYPED(right)
#define TILE  TYPED(tile)

/* A run of products over op(A)'s rows: element (r, p) is at[r * row + p * step]. */
typedef struct {
    const REAL *at;
    int64_t row, step;
} LEFT;

/* The same over op(B)'s columns: WIDTH columns of product p start at at[p * step]. */
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

/* The columns at C's edge: sums, `stride` apart, into the tile's part of C. beta == 0 does not read
 * C; a sum is rounded before it is added, as where whole vectors are stored. */
static __attribute__((noinline)) void TYPED(merge)(const TILE *tile, const REAL *sum,
                                                   int64_t stride)
{
    for (int64_t r = 0; r < tile->rows; r++, sum += stride) {
        REAL *c = tile->at + r * tile->ldc;
        for (int64_t j = 0; j < tile->width; j++) {
            REAL scaled = tile->alpha * sum[j];
            c[j] = tile->beta == 0 ? scaled : scaled + tile->beta * c[j];
        }
    }
}

/* The tile's sums over p < depth of a(r, p) * b(p, j), into C. `rows` and `vectors` (1: the tile
 * has at most half the columns) are constants where this is expanded, so that the sums live in
 * registers. */
#ifdef CD_CPU_AVX2
static inline __attribute__((always_inline)) void
TYPED(product)(const int rows, const int vectors, int64_t depth, LEFT a, RIGHT b, const TILE *tile)
{
    enum { LANES = sizeof(VECTOR) / sizeof(REAL) };
    VECTOR sum[ROWS][2];
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) sum[r][0] = sum[r][1] = ZERO();
    for (int64_t p = 0; p < depth; p++) {
        VECTOR low = LOAD(b.at), high = vectors == 2 ? LOAD(b.at + LANES) : ZERO();
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            VECTOR factor = BROADCAST(a.at + r * a.row);
            sum[r][0] = MULADD(factor, low, sum[r][0]);
            if (vectors == 2) sum[r][1] = MULADD(factor, high, sum[r][1]);
        }
        a.at += a.step;
        b.at += b.step;
    }
    if (tile->width < vectors * LANES) {
        REAL edge[ROWS][2 * LANES];
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            STORE(edge[r], sum[r][0]);
            if (vectors == 2) STORE(edge[r] + LANES, sum[r][1]);
        }
        TYPED(merge)(tile, edge[0], 2 * LANES);
        return;
    }
    VECTOR alpha = BROADCAST(&tile->alpha), beta = BROADCAST(&tile->beta);
    bool reads = tile->beta != 0;
    REAL *c = tile->at;
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++, c += tile->ldc) {
        sum[r][0] = MUL(alpha, sum[r][0]);
        if (vectors == 2) sum[r][1] = MUL(alpha, sum[r][1]);
        if (reads) sum[r][0] = ADD(sum[r][0], MUL(beta, LOAD(c)));
        if (reads && vectors == 2) sum[r][1] = ADD(sum[r][1], MUL(beta, LOAD(c + LANES)));
        STORE(c, sum[r][0]);
        if (vectors == 2) STORE(c + LANES, sum[r][1]);
    }
}
#else
/* Row by row, so that one row of sums fits in the registers of any machine. The narrow tile is
 * summed as wide as the others. */
static void TYPED(product)(int rows, int vectors, int64_t depth, LEFT a, RIGHT b, const TILE *tile)
{
    (void)vectors;
    enum { COLUMNS = CD_GEMM_TILE_BYTES / sizeof(REAL) };
    REAL sums[ROWS][COLUMNS];
    for (int r = 0; r < rows; r++, a.at += a.row) {
        REAL sum[COLUMNS] = { 0 };
        for (int64_t p = 0; p < depth; p++) {
            REAL factor = a.at[p * a.step];
            const REAL *from = b.at + p * b.step;
#ifndef __clang__ /* gcc unrolls first and then finds no vectors */
#pragma GCC unroll 1
#endif
            for (int j = 0; j < COLUMNS; j++) sum[j] += factor * from[j];
        }
        memcpy(sums[r], sum, sizeof sum);
    }
    TYPED(merge)(tile, sums[0], COLUMNS);
}
#endif

static void TYPED(tile_product)(int64_t depth, LEFT a, RIGHT b, const TILE *tile)
{
    bool half = tile->width <= WIDTH / 2;
    switch (tile->rows * 2 - half) {
    case 1:
        TYPED(product)(1, 1, depth, a, b, tile);
        return;
    case 2:
        TYPED(product)(1, 2, depth, a, b, tile);
        return;
    case 3:
        TYPED(product)(2, 1, depth, a, b, tile);
        return;
    case 4:
        TYPED(product)(2, 2, depth, a, b, tile);
        return;
    case 5:
        TYPED(product)(3, 1, depth, a, b, tile);
        return;
    case 6:
        TYPED(product)(3, 2, depth, a, b, tile);
        return;
    case 7:
        TYPED(product)(4, 1, depth, a, b, tile);
        return;
    case 8:
        TYPED(product)(4, 2, depth, a, b, tile);
        return;
    case 9:
        TYPED(product)(5, 1, depth, a, b, tile);
        return;
    case 10:
        TYPED(product)(5, 2, depth, a, b, tile);
        return;
    case 11:
        TYPED(product)(6, 1, depth, a, b, tile);
        return;
    default:
        TYPED(product)(6, 2, depth, a, b, tile);
        return;
    }
}

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
 * `width` columns from `column` on. The strip's columns beyond them are summed too, and not used:
 * zeros. */
static void TYPED(pack_plain)(const cd_gemm_call *call, int64_t first, int64_t depth,
                              int64_t column, int64_t width, REAL *restrict to)
{
    const REAL *from = (const REAL *)call->b + first * call->ldb + column;
    for (int64_t p = 0; p < depth; p++, from += call->ldb, to += WIDTH) {
        if (width == WIDTH) {
            memcpy(to, from, CD_GEMM_TILE_BYTES);
        } else {
            for (int64_t j = 0; j < WIDTH; j++) to[j] = j < width ? from[j] : 0;
        }
    }
}

static void TYPED(pack_transposed)(const cd_gemm_call *call, int64_t first, int64_t depth,
                                   int64_t column, int64_t width, REAL *restrict to)
{
    const REAL *from[CD_GEMM_TILE_BYTES / sizeof(REAL)];
    for (int64_t j = 0; j < WIDTH; j++) {
        from[j] = (const REAL *)call->b + (column + smaller(j, width - 1)) * call->ldb + first;
    }
    for (int64_t p = 0; p < depth; p++, to += WIDTH) {
        for (int j = 0; j < WIDTH; j++) to[j] = from[j][p];
    }
}

static void TYPED(pack_gathered)(const cd_gemm_call *call, int64_t first, int64_t depth,
                                 int64_t column, int64_t width, REAL *restrict to)
{
    const int64_t *row = call->b_row + first;
    int64_t offset[CD_GEMM_TILE_BYTES / sizeof(REAL)];
    bool neighbours = true;
    for (int64_t j = 0; j < WIDTH; j++) {
        offset[j] = call->b_column[column + smaller(j, width - 1)];
        neighbours = neighbours && offset[j] == offset[0] + j;
    }
    for (int64_t p = 0; p < depth; p++, to += WIDTH) {
        const REAL *from = (const REAL *)call->b + row[p];
        if (neighbours) {
            memcpy(to, from + offset[0], CD_GEMM_TILE_BYTES);
        } else {
            for (int j = 0; j < WIDTH; j++) to[j] = from[offset[j]];
        }
    }
}

static void TYPED(pack_right)(const cd_gemm_call *call, int64_t first, int64_t depth,
                              int64_t column, int64_t columns, REAL *to)
{
    for (int64_t j = 0; j < columns; j += WIDTH, to += depth * WIDTH) {
        int64_t width = smaller(WIDTH, columns - j);
        if (call->b_row) {
            TYPED(pack_gathered)(call, first, depth, column + j, width, to);
        } else if (call->transpose_b) {
            TYPED(pack_transposed)(call, first, depth, column + j, width, to);
        } else {
            TYPED(pack_plain)(call, first, depth, column + j, width, to);
        }
    }
}

/* The tiles of `part` from one run of A's rows and the packed columns of B. */
static void TYPED(tiles)(const cd_gemm_call *call, cd_gemm_block part, double beta, int64_t depth,
                         LEFT a, int64_t a_strip, const REAL *b)
{
    REAL *c = (REAL *)call->c + part.row * call->ldc + part.column;
    TILE tile = { .ldc = call->ldc, .alpha = (REAL)call->alpha, .beta = (REAL)beta };
    for (int64_t j = 0; j < part.columns; j += WIDTH) {
        RIGHT right = { b + j * depth, WIDTH };
        LEFT left = a;
        tile.width = smaller(WIDTH, part.columns - j);
        for (int64_t i = 0; i < part.rows; i += ROWS, left.at += a_strip) {
            tile.rows = smaller(ROWS, part.rows - i);
            tile.at = c + i * call->ldc + j;
            TYPED(tile_product)(depth, left, right, &tile);
        }
    }
}

/* The part of `block` that one packed panel of B covers, for products [first, first + depth).
 * Packing A pays when enough columns read it again. */
static void TYPED(panel_product)(const cd_gemm_call *call, cd_gemm_block block, int64_t first,
                                 int64_t depth, const cd_gemm_panel *panel)
{
    double beta = first == 0 ? call->beta : 1;
    bool packs = block.columns > CD_GEMM_PACK_A_COLUMNS;
    int64_t row = call->transpose_a ? 1 : call->lda, step = call->transpose_a ? call->lda : 1;
    TYPED(pack_right)(call, first, depth, block.column, block.columns, panel->b);
    for (int64_t i = 0; i < block.rows; i += panel->a_rows) {
        cd_gemm_block part = { block.row + i, smaller(panel->a_rows, block.rows - i), block.column,
                               block.columns };
        LEFT a = { (const REAL *)call->a + part.row * row + first * step, row, step };
        if (packs) {
            TYPED(pack_left)(a, part.rows, depth, panel->a);
            a = (LEFT){ panel->a, 1, ROWS };
        }
        TYPED(tiles)(call, part, beta, depth, a, ROWS * (packs ? depth : row), panel->b);
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
#undef ROWS
#undef LEFT
#undef RIGHT
#undef TILE
