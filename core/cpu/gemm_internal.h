/* Matrix products. A kernel: pointers and sizes that the caller has checked, nothing that can fail.
 */
#ifndef CANDELA_CORE_CPU_GEMM_INTERNAL_H
#define CANDELA_CORE_CPU_GEMM_INTERNAL_H

#include "core/dtype.h"

/* C = alpha * op(A) * op(B) + beta * C
 *
 * op(A) is m x k, op(B) k x n, C m x n, all row-major; C overlaps neither A nor B. A row starts
 * lda (ldb, ldc) elements after the one before it. op(A) is A, or with transpose_a the transpose
 * of an A stored as k x m; B likewise; and with transpose_c C is stored as n x m.
 *
 * As in BLAS: alpha == 0 or k == 0 reads neither A nor B and leaves beta * C; beta == 0 does not
 * read C. Otherwise every product counts, so 0 * Inf is NaN. Integer dtypes wrap around, and alpha
 * and beta must be whole numbers there.
 *
 * Gathered B: with b_row and b_column set, op(B)[p][j] = b[b_row[p] + b_column[j]], and ldb and
 * transpose_b are ignored. So a convolution is a product without the matrix of columns. Floating
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

/* f32, f64, i64, i32, u8; does nothing for other dtypes. Uses the thread pool. The bits of C do not
 * depend on the number of threads. */
void cd_cpu_gemm(cd_dtype dtype, const cd_gemm_call *call);

/* ---- between the files of gemm ---- */

/* Rows row .. row + rows - 1 and columns column .. column + columns - 1 of C: one piece of work. */
typedef struct cd_gemm_block {
    int64_t row, rows, column, columns;
} cd_gemm_block;

/* One block, by the tiles of gemm_blocked.h or the dot products of gemm_dots.h. */
void cd_cpu_gemm_run_block(cd_dtype dtype, const cd_gemm_call *call, bool dots,
                           const cd_gemm_block *block);
/* Which of the two is for this product: by shape and kernel only. */
bool cd_cpu_gemm_picks_dots(const cd_gemm_call *call);
void cd_cpu_gemm_integer(cd_dtype dtype, const cd_gemm_call *call);

/* Sums run over 256 products at a time: a strip of B that a tile reads stays near, and the bits are
 * the same for every tile. A is packed where more columns than 256 read it (measured: packing for
 * fewer costs up to a fifth). Dot products need no strips. */
enum { CD_GEMM_DEPTH = 256, CD_GEMM_PACK_A_COLUMNS = 256, CD_GEMM_DOTS_DEPTH = 1024 };

static inline bool cd_gemm_packs_a(const cd_gemm_block *block)
{
    return block->columns > CD_GEMM_PACK_A_COLUMNS;
}

static inline bool cd_gemm_packs_b(const cd_gemm_call *call, const cd_gemm_block *block,
                                   int64_t in_place_rows)
{
    return call->b_row || call->transpose_b || block->rows > in_place_rows;
}

/* The largest tile of any build of the kernel. */
enum { CD_GEMM_MOST_ROWS = 8, CD_GEMM_MOST_BYTES = 192 };

/* Where a block's parts of A and B are packed. The bits of C do not depend on the panel's size. */
typedef struct cd_gemm_panel {
    void *a; /* a_rows x CD_GEMM_DEPTH elements, a_rows a multiple of tile_rows */
    int64_t a_rows;
    void *b; /* b_strips x CD_GEMM_DEPTH x tile_bytes bytes */
    int64_t b_strips;
} cd_gemm_panel;

typedef void cd_gemm_kernel(const cd_gemm_call *call, const cd_gemm_block *block,
                            const cd_gemm_panel *panel);
struct cd_cpu_gemm {
    cd_gemm_kernel *f32, *f64, *dots_f32, *dots_f64;
    int64_t tile_rows, tile_bytes; /* of columns */
    int64_t in_place_rows;         /* so many rows read B where it lies */
    int64_t dot_rows;              /* so many rows are faster by dot products, if they are long */
};

#endif
