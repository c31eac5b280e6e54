/* One product: the special cases, the choice of the kernel, and how the work is cut. */
#include "core/cpu/gemm_internal.h"

#include <string.h>

#include "core/cpu/cpu_internal.h"
#include "core/threads_internal.h"

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* C = beta * C: what is left without products. */
static void scale(cd_dtype dtype, const cd_gemm_call *call)
{
    size_t size = cd_dtype_size(dtype);
    int64_t rows = call->transpose_c ? call->n : call->m;
    int64_t columns = call->transpose_c ? call->m : call->n;
    for (int64_t i = 0; i < rows; i++) {
        char *row = (char *)call->c + (size_t)(i * call->ldc) * size;
        if (call->beta == 0) {
            memset(row, 0, (size_t)columns * size);
        } else if (dtype == CD_F32) {
            for (int64_t j = 0; j < columns; j++) ((float *)row)[j] *= (float)call->beta;
        } else {
            for (int64_t j = 0; j < columns; j++) ((double *)row)[j] *= call->beta;
        }
    }
}

/* A matrix with one column or one row has its elements in one piece if they are 1 apart, and is
 * then as well the transpose of what it was: so a vector has one form only, a row. */
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

/* C^T = op(B)^T op(A)^T. */
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

/* C cut into a grid of blocks: each `height` x `width`, the last ones smaller. */
typedef struct {
    cd_dtype dtype;
    const cd_gemm_call *call;
    bool dots;
    int64_t height, width, across; /* across: blocks in a row of the grid */
} grid;

static void run_block(int64_t index, void *context)
{
    const grid *g = context;
    int64_t row = index / g->across * g->height, column = index % g->across * g->width;
    cd_gemm_block block = { row, smaller(g->height, g->call->m - row), column,
                            smaller(g->width, g->call->n - column) };
    cd_cpu_gemm_run_block(g->dtype, g->call, g->dots, &block);
}

/* A block of this many multiply-adds takes some 15 us on one processor, more than it costs to hand
 * it to another; and this many blocks keep 8 threads busy evenly, as does any power of two. */
static const double BLOCK_PRODUCTS = 0.8e6;
static const int64_t MOST_BLOCKS = 16;

/* Cuts columns first: a block packs its own columns of B, but all blocks beside each other pack the
 * same rows of A. Where B must be packed, or a row has few products, a block has more rows, which
 * use what is packed again. By shape and kernel only. */
static void cut(grid *g, double products)
{
    const cd_gemm_call *call = g->call;
    const int64_t tile_rows = cd_cpu_kernels()->gemm->tile_rows,
                  size = (int64_t)cd_dtype_size(g->dtype);
    bool packs = (call->transpose_b && !g->dots) || call->b_row || call->n < 64;
    int64_t least_height = packs ? 96 : 4 * tile_rows, least_width = 128 / size;
    int64_t blocks = 1;
    while (blocks < MOST_BLOCKS && (double)blocks * BLOCK_PRODUCTS < products) blocks *= 2;
    int64_t across = larger(1, smaller(blocks, call->n / least_width));
    int64_t down = larger(1, smaller(divide_up(blocks, across), call->m / least_height));
    g->width = divide_up(divide_up(call->n, across), least_width) * least_width;
    g->height = divide_up(divide_up(call->m, down), tile_rows) * tile_rows;
    g->across = divide_up(call->n, g->width);
}

/* A product of one column is one of one row. */
static void multiply(cd_dtype dtype, const cd_gemm_call *call)
{
    cd_gemm_call row;
    if (!call->b_row && (call->n == 1 || call->m == 1)) {
        if (call->n == 1) transpose(call, &row);
        if (call->n != 1) row = *call;
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
    cd_parallel(g.across * divide_up(call->m, g.height), run_block, &g);
}

void cd_cpu_gemm(cd_dtype dtype, const cd_gemm_call *call)
{
    if (dtype != CD_F32 && dtype != CD_F64) {
        cd_cpu_gemm_integer(dtype, call);
    } else if (call->m <= 0 || call->n <= 0) {
        return;
    } else if (call->k <= 0 || call->alpha == 0) {
        scale(dtype, call);
    } else {
        multiply(dtype, call);
    }
}
