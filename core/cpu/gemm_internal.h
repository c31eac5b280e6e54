/* Matrix products. The caller has checked pointers and sizes; nothing here can fail. */
#ifndef CANDELA_CORE_CPU_GEMM_INTERNAL_H
#define CANDELA_CORE_CPU_GEMM_INTERNAL_H

#include "core/dtype.h"

/* C = alpha * op(A) * op(B) + beta * C
 *
 * op(A) is m x k, op(B) k x n, C m x n, all row-major. C overlaps neither A nor B. A row starts lda
 * (ldb, ldc) elements after the one before it. op(A) is A, or with transpose_a the transpose of an
 * A that is stored as k x m; likewise op(B). With transpose_c, C is stored as n x m.
 *
 * As in BLAS: if alpha or k is 0, A and B are not read, and C becomes beta * C; if beta is 0, C is
 * not read. Otherwise every product counts, so that 0 * Inf is NaN. Integer dtypes wrap around;
 * their alpha and beta must be whole numbers.
 *
 * Gathered B: if b_row and b_column are set, op(B)[p][j] = b[b_row[p] + b_column[j]], and ldb and
 * transpose_b are ignored. A convolution is such a product, without the matrix of columns. Floating
 * dtypes only. */
typedef struct cd_gemm_call {
    int64_t m, n, k;
    double alpha, beta;
    const void *a;
    int64_t lda;
    bool transpose_a;
    const void *b;
    int64_t ldb;
    bool transpose_b;
    void *c;
    int64_t ldc;
    bool transpose_c;
    const int64_t *b_row;    /* k offsets in elements, or NULL */
    const int64_t *b_column; /* n offsets in elements, or NULL */
} cd_gemm_call;

/* For f32, f64, i64, i32 and u8; does nothing for other dtypes. Uses the thread pool. The bits of C
 * do not depend on the number of threads. */
void cd_cpu_gemm(cd_dtype dtype, const cd_gemm_call *call);

/* ---- between the files of gemm ---- */

/* One piece of work: the rows [row, row + rows) and the columns [column, column + columns) of C. */
typedef struct cd_gemm_block {
    int64_t row, rows, column, columns;
} cd_gemm_block;

/* Computes one block, by the tiles of gemm_blocked_typed.h or the dot products of
 * gemm_dots_typed.h. */
void cd_cpu_gemm_run_block(cd_dtype dtype, const cd_gemm_call *call, bool dots,
                           const cd_gemm_block *block);
/* Whether this product is computed by dot products. Depends on shape and kernels only. */
bool cd_cpu_gemm_picks_dots(const cd_gemm_call *call);
/* The product for the integer dtypes; does nothing for bool. */
void cd_cpu_gemm_integer(cd_dtype dtype, const cd_gemm_call *call);

/* Tiles add up CD_GEMM_DEPTH products at a time: the strip of B that a tile reads stays in a cache,
 * and the bits are the same for every tile. Dot products need no strips and add up more. A is
 * packed where more than CD_GEMM_PACK_A_COLUMNS columns read it (measured: packing for fewer costs
 * up to a fifth). */
enum { CD_GEMM_DEPTH = 256, CD_GEMM_PACK_A_COLUMNS = 256, CD_GEMM_DOTS_DEPTH = 1024 };

static inline bool cd_gemm_packs_a(const cd_gemm_block *block)
{
    return block->columns > CD_GEMM_PACK_A_COLUMNS;
}

/* in_place_rows: the most rows for which B is not packed. */
static inline bool cd_gemm_packs_b(const cd_gemm_call *call, const cd_gemm_block *block,
                                   int64_t in_place_rows)
{
    return call->b_row || call->transpose_b || block->rows > in_place_rows;
}

/* The largest tile of any build of the kernel. */
enum { CD_GEMM_MOST_ROWS = 8, CD_GEMM_MOST_BYTES = 192 };

/* Memory into which a block packs parts of A and B. The bits of C do not depend on its size. */
typedef struct cd_gemm_panel {
    void *a; /* a_rows x CD_GEMM_DEPTH elements, a_rows a multiple of tile_rows */
    int64_t a_rows;
    void *b; /* b_strips x CD_GEMM_DEPTH x tile_bytes bytes */
    int64_t b_strips;
} cd_gemm_panel;

typedef void cd_gemm_kernel(const cd_gemm_call *call, const cd_gemm_block *block,
                            const cd_gemm_panel *panel);
struct cd_cpu_gemm_table {
    cd_gemm_kernel *tiles[CD_DTYPE_COUNT], *dots[CD_DTYPE_COUNT];
    int64_t tile_rows, tile_bytes; /* the size of a tile; bytes of a row */
    int64_t in_place_rows;         /* the most rows for which B is not packed */
    int64_t dot_rows;              /* the most rows for which long dot products are faster */
};

#endif
