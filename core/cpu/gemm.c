/* One product: the special cases, the choice of the engine, and how the work is cut. */
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

/* C = beta * C: what is left without products. */
static void scale(cd_dtype dtype, const cd_gemm_call *call)
{
    size_t size = cd_dtype_size(dtype);
    for (int64_t i = 0; i < call->m; i++) {
        char *row = (char *)call->c + (size_t)(i * call->ldc) * size;
        if (call->beta == 0) {
            memset(row, 0, (size_t)call->n * size);
        } else if (dtype == CD_F32) {
            for (int64_t j = 0; j < call->n; j++) ((float *)row)[j] *= (float)call->beta;
        } else {
            for (int64_t j = 0; j < call->n; j++) ((double *)row)[j] *= call->beta;
        }
    }
}

/* Measured with tests/bench/bench_gemm.c on an AMD EPYC with AVX-512 (Zen 4), one thread, Debian's
 * OpenBLAS 0.3.21 ("Cooperlake" kernels), f32 GFLOP/s of our own engine with its AVX2 and its
 * AVX-512 kernel and of OpenBLAS:
 *
 *     m x n x k            own 2   own 512  OpenBLAS
 *     1 x 1000 x 512 nt       11       13     42
 *     64 x 10 x 100           49       59     67
 *     100 x 10 x 64 tn        49       57     70
 *     64 x 100 x 10 nt        45       62     60
 *     128 x 10 x 128 nt       59       66     47
 *     128 x 128 x 10          58       77    104
 *     10 x 128 x 128 tn      102      103    109
 *     64 x 64 x 64           100      107    115
 *     64 x 100 x 1000         94      104     94
 *     1000 x 100 x 64 tn      85       97    112
 *     128 x 256 x 784 nt      94       98     92
 *     128 x 256 x 128        107      112     97
 *     256 x 784 x 128 tn      97      112     99
 *     256 x 256 x 256        112      115     99
 *     64 x 3136 x 576        100       95     80
 *     512 x 49 x 4608         67       83     68
 *     4608 x 49 x 512 tn      66       80     73
 *     1024 x 1024 x 1024     100      104     95
 *
 * Up to a million products OpenBLAS has kernels that do not pack; above, ours is ahead but where a
 * short k meets a width that leaves a few columns over. f64 has half the figures of f32, and the
 * same order. */
cd_gemm_engine cd_gemm_pick(cd_dtype dtype, const cd_gemm_call *call)
{
    (void)dtype;
    const double small = 1e6;
    double products = (double)call->m * (double)call->n * (double)call->k;
    bool blas = products <= small && cd_gemm_openblas_takes(call);
    return blas ? CD_GEMM_OPENBLAS : CD_GEMM_OWN;
}

/* C cut into a grid of blocks: each `height` x `width`, the last ones smaller. */
typedef struct {
    cd_dtype dtype;
    const cd_gemm_call *call;
    cd_gemm_engine engine;
    int64_t height, width, across; /* across: blocks in a row of the grid */
} grid;

static void run_block(int64_t index, void *context)
{
    const grid *g = context;
    int64_t row = index / g->across * g->height, column = index % g->across * g->width;
    cd_gemm_block block = { row, smaller(g->height, g->call->m - row), column,
                            smaller(g->width, g->call->n - column) };
    if (g->engine == CD_GEMM_OPENBLAS) {
        cd_gemm_openblas_block(g->dtype, g->call, block);
    } else {
        cd_gemm_own_block(g->dtype, g->call, block);
    }
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* A block of this many multiply-adds takes some 15 us on one processor, more than it costs to hand
 * it to another; and this many blocks keep 8 threads busy evenly, as does any power of two. */
static const double BLOCK_PRODUCTS = 0.8e6;
static const int64_t MOST_BLOCKS = 16;

/* Cuts columns first: a block packs its own columns of B, but all blocks beside each other pack the
 * same rows of A. By shape, engine and kernel only. */
static void cut(grid *g)
{
    const cd_gemm_call *call = g->call;
    bool blas = g->engine == CD_GEMM_OPENBLAS;
    int64_t rows = cd_cpu()->gemm->tile_rows;
    int64_t least_height = blas ? 64 : 4 * rows, least_width = blas ? 128 : 64;
    double products = (double)call->m * (double)call->n * (double)call->k;
    int64_t blocks = 1;
    while (blocks < MOST_BLOCKS && (double)blocks * BLOCK_PRODUCTS < products) blocks *= 2;
    int64_t across = larger(1, smaller(blocks, call->n / least_width));
    int64_t down = larger(1, smaller(divide_up(blocks, across), call->m / least_height));
    g->width = divide_up(divide_up(call->n, across), 16) * 16;
    g->height = divide_up(divide_up(call->m, down), rows) * rows;
    g->across = divide_up(call->n, g->width);
}

void cd_gemm_with(cd_gemm_engine engine, cd_dtype dtype, const cd_gemm_call *call)
{
    if (call->m <= 0 || call->n <= 0) return;
    if (call->k <= 0 || call->alpha == 0) {
        scale(dtype, call);
        return;
    }
    grid g = { .dtype = dtype, .call = call, .engine = engine };
    cut(&g);
    cd_parallel(g.across * divide_up(call->m, g.height), run_block, &g);
}

void cd_gemm(cd_dtype dtype, const cd_gemm_call *call)
{
    if (dtype == CD_F32 || dtype == CD_F64) {
        cd_gemm_with(cd_gemm_pick(dtype, call), dtype, call);
    } else {
        cd_gemm_integer(dtype, call);
    }
}
