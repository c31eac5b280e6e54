/* One product: the special cases, and how the work is cut into blocks. gemm_block.c computes one
 * block. */
#include "core/cpu/gemm_internal.h"

#include <string.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/dtype_internal.h"
#include "core/threads_internal.h"

#define SCALE(suffix_, type_)                                                                      \
    static void scale_##suffix_(void *row, int64_t n, double factor)                               \
    {                                                                                              \
        for (int64_t j = 0; j < n; j++) ((type_ *)row)[j] *= (type_)factor;                        \
    }
SCALE(f32, float)
SCALE(f64, double)

typedef void scale_function(void *row, int64_t n, double factor);
static scale_function *const scale_row[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(scale) };

/* C = beta * C, for a product that has no terms. */
static void scale(cd_dtype dtype, const cd_gemm_call *call)
{
    size_t size = cd_dtype_size(dtype);
    int64_t rows = call->transpose_c ? call->n : call->m;
    int64_t columns = call->transpose_c ? call->m : call->n;
    for (int64_t i = 0; i < rows; i++) {
        char *row = (char *)call->c + (size_t)(i * call->ldc) * size;
        if (call->beta == 0) {
            memset(row, 0, (size_t)columns * size);
        } else {
            scale_row[dtype](row, columns, call->beta);
        }
    }
}

/* A matrix of one row or one column whose elements are contiguous may as well be stored transposed.
 * Each such vector is made a row, so that the kernels know one form only. */
static void make_vectors_rows(cd_gemm_call *call)
{
    if (call->m == 1 && call->transpose_a && call->lda == 1) {
        call->transpose_a = false;
        call->lda = call->k;
    }
    if (call->n == 1 && !call->transpose_b && call->ldb == 1) {
        call->transpose_b = true;
        call->ldb = call->k;
    }
    if (call->m == 1 && call->transpose_c && call->ldc == 1) {
        call->transpose_c = false;
        call->ldc = call->n;
    }
}

/* The same product as C^T = op(B)^T op(A)^T. */
static void transpose(const cd_gemm_call *call, cd_gemm_call *to)
{
    *to = *call;
    to->m = call->n;
    to->n = call->m;
    to->a = call->b;
    to->lda = call->ldb;
    to->transpose_a = !call->transpose_b;
    to->b = call->a;
    to->ldb = call->lda;
    to->transpose_b = !call->transpose_a;
    to->transpose_c = !call->transpose_c;
}

/* C cut into a grid of blocks of `height` x `width`; the last ones may be smaller. */
typedef struct {
    cd_dtype dtype;
    const cd_gemm_call *call;
    bool dots;
    int64_t height, width;
    int64_t across; /* blocks in a row of the grid */
} grid;

static void run_block(int64_t index, void *context)
{
    const grid *g = context;
    int64_t row = index / g->across * g->height, column = index % g->across * g->width;
    cd_gemm_block block = { row, cd_smaller(g->height, g->call->m - row), column,
                            cd_smaller(g->width, g->call->n - column) };
    cd_cpu_gemm_run_block(g->dtype, g->call, g->dots, &block);
}

/* A block of this many multiply-adds takes some 15 us on one processor, which is more than it costs
 * to hand the block to another thread. */
static const double BLOCK_PRODUCTS = 0.8e6;
/* Blocks of one product, at most: a power of two, so that 2, 4 or 8 threads have equal shares. */
static const int64_t MOST_BLOCKS = 16;

/* Whether C's rows are cut first. The rows of a transposed A are columns in memory: with many steps
 * they lie over a stretch that no cache holds, and each block of a row of the grid reads it anew.
 * So few blocks should stand in a row. */
static bool rows_first(const cd_gemm_call *call)
{
    return call->transpose_a && !call->b_row && call->k > CD_GEMM_DEPTH;
}

/* Chooses the size of the blocks, by shape and kernel only. Columns are cut first, with the one
 * exception of rows_first: a block packs its own columns of B, but all blocks of a row of the grid
 * pack the same rows of A. Where B must be packed, or C has few columns, a block has more rows,
 * since they all use the packed B. */
static void cut(grid *g, double products)
{
    const cd_gemm_call *call = g->call;
    const int64_t tile_rows = cd_cpu_kernels()->gemm->tile_rows,
                  size = (int64_t)cd_dtype_size(g->dtype);
    const int64_t unit = 128 / size; /* columns: widths are multiples of it */
    int64_t blocks = 1, across, down;
    while (blocks < MOST_BLOCKS && (double)blocks * BLOCK_PRODUCTS < products) blocks *= 2;
    if (rows_first(call)) {
        down = cd_larger(1, cd_smaller(blocks, call->m / 128));
        across = cd_larger(1, cd_smaller(cd_divide_up(blocks, down), call->n / (8 * unit)));
    } else {
        bool packs = (call->transpose_b && !g->dots) || call->b_row || call->n < 64;
        int64_t least_height = packs ? 96 : 4 * tile_rows;
        /* Many rows can make up for fewer and wider blocks, which read A fewer times. */
        int64_t least_width = call->m / least_height >= MOST_BLOCKS / 2 ? 2 * unit : unit;
        across = cd_larger(1, cd_smaller(blocks, call->n / least_width));
        down = cd_larger(1, cd_smaller(cd_divide_up(blocks, across), call->m / least_height));
    }
    g->width = cd_divide_up(cd_divide_up(call->n, across), unit) * unit;
    g->height = cd_divide_up(cd_divide_up(call->m, down), tile_rows) * tile_rows;
    g->across = cd_divide_up(call->n, g->width);
}

/* A product for floating dtypes that has terms. One column is computed as one row. */
static void multiply(cd_dtype dtype, const cd_gemm_call *call)
{
    cd_gemm_call row;
    if (!call->b_row && (call->n == 1 || call->m == 1)) {
        if (call->n == 1) {
            transpose(call, &row);
        } else {
            row = *call;
        }
        make_vectors_rows(&row);
        call = &row;
    }
    grid g = { .dtype = dtype, .call = call, .dots = cd_cpu_gemm_picks_dots(call) };
    double products = (double)call->m * (double)call->n * (double)call->k;
    if (products <= BLOCK_PRODUCTS) {
        const cd_gemm_block all = { 0, call->m, 0, call->n };
        cd_cpu_gemm_run_block(dtype, call, g.dots, &all);
        return;
    }
    cut(&g, products);
    cd_parallel(g.across * cd_divide_up(call->m, g.height), run_block, &g);
}

void cd_cpu_gemm(cd_dtype dtype, const cd_gemm_call *call)
{
    if (!cd_is_floating(dtype)) {
        cd_cpu_gemm_integer(dtype, call);
    } else if (call->m <= 0 || call->n <= 0) {
        return;
    } else if (call->k <= 0 || call->alpha == 0) {
        scale(dtype, call);
    } else {
        multiply(dtype, call);
    }
}
