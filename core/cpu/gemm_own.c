/* Our own engine: finds a panel to pack into, then calls the kernel of this machine. */
#include <stdatomic.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/gemm_internal.h"

/* 96 rows of A (whole tiles of 6 or 8) and 512 columns of B in f32 (or half as many in f64) take
 * 704 kB: they fit in a second-level cache of 1 MB. */
enum { PANELS = 32, A_ROWS = 96, B_ROW_BYTES = 2048 };

/* A product must not fail, so its panels are not allocated: they are pages of zeros until a thread
 * first writes there. A thread borrows one for the length of a block. */
static struct panel {
    _Alignas(64) char b[B_ROW_BYTES * CD_GEMM_DEPTH];
    char a[A_ROWS * CD_GEMM_DEPTH * sizeof(double)];
} panels[PANELS];
static atomic_bool borrowed[PANELS];

static int borrow(void)
{
    for (int i = 0; i < PANELS; i++) {
        if (!atomic_load_explicit(&borrowed[i], memory_order_relaxed) &&
            !atomic_exchange_explicit(&borrowed[i], true, memory_order_acquire)) {
            return i;
        }
    }
    return -1;
}

static void run(cd_dtype dtype, const cd_gemm_call *call, cd_gemm_block block,
                const cd_gemm_panel *panel)
{
    const struct cd_cpu_gemm *kernels = cd_cpu()->gemm;
    if (dtype == CD_F32) {
        kernels->f32(call, block, panel);
    } else {
        kernels->f64(call, block, panel);
    }
}

/* With more threads in products than there are panels: a panel of one tile, on the stack (64 kB).
 * Slower, the same bits. */
static __attribute__((noinline)) void run_on_stack(cd_dtype dtype, const cd_gemm_call *call,
                                                   cd_gemm_block block)
{
    _Alignas(64) char b[CD_GEMM_MOST_BYTES * CD_GEMM_DEPTH];
    double a[CD_GEMM_MOST_ROWS * CD_GEMM_DEPTH];
    cd_gemm_panel panel = { .a = a, .a_rows = cd_cpu()->gemm->tile_rows, .b = b, .b_strips = 1 };
    run(dtype, call, block, &panel);
}

void cd_gemm_own_block(cd_dtype dtype, const cd_gemm_call *call, cd_gemm_block block)
{
    int i = borrow();
    if (i < 0) {
        run_on_stack(dtype, call, block);
        return;
    }
    cd_gemm_panel panel = { .a = panels[i].a,
                            .a_rows = A_ROWS,
                            .b = panels[i].b,
                            .b_strips = B_ROW_BYTES / cd_cpu()->gemm->tile_bytes };
    run(dtype, call, block, &panel);
    atomic_store_explicit(&borrowed[i], false, memory_order_release);
}
