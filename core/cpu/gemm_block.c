/* One block of a product: which kernel, and a panel for it to pack into. */
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

static void run(cd_dtype dtype, const cd_gemm_call *call, bool dots, const cd_gemm_block *block,
                const cd_gemm_panel *panel)
{
    const struct cd_cpu_gemm *kernels = cd_cpu_kernels()->gemm;
    if (dtype == CD_F32) {
        (dots ? kernels->dots_f32 : kernels->f32)(call, block, panel);
    } else {
        (dots ? kernels->dots_f64 : kernels->f64)(call, block, panel);
    }
}

/* With more threads in products than there are panels: a panel of one tile, on the stack (64 kB).
 * Slower, the same bits. */
static __attribute__((noinline)) void run_on_stack(cd_dtype dtype, const cd_gemm_call *call,
                                                   bool dots, const cd_gemm_block *block)
{
    _Alignas(64) char b[CD_GEMM_MOST_BYTES * CD_GEMM_DEPTH];
    double a[CD_GEMM_MOST_ROWS * CD_GEMM_DEPTH];
    cd_gemm_panel panel = {
        .a = a, .a_rows = cd_cpu_kernels()->gemm->tile_rows, .b = b, .b_strips = 1
    };
    run(dtype, call, dots, block, &panel);
}

bool cd_cpu_gemm_picks_dots(const cd_gemm_call *call)
{
    if (!call->transpose_b || call->b_row) return false;
    return call->m <= (call->k < 128 ? 4 : cd_cpu_kernels()->gemm->dot_rows);
}

/* Whether some operand is not read where it lies. */
static bool needs_panel(const cd_gemm_call *call, bool dots, const cd_gemm_block *block)
{
    if (dots) return call->transpose_a;
    return cd_gemm_packs_a(block) ||
           cd_gemm_packs_b(call, block, cd_cpu_kernels()->gemm->in_place_rows);
}

void cd_cpu_gemm_run_block(cd_dtype dtype, const cd_gemm_call *call, bool dots,
                           const cd_gemm_block *block)
{
    cd_gemm_panel panel = { .a_rows = A_ROWS,
                            .b_strips = B_ROW_BYTES / cd_cpu_kernels()->gemm->tile_bytes };
    if (!needs_panel(call, dots, block)) {
        run(dtype, call, dots, block, &panel);
        return;
    }
    int i = borrow();
    if (i < 0) {
        run_on_stack(dtype, call, dots, block);
        return;
    }
    panel.a = panels[i].a;
    panel.b = panels[i].b;
    run(dtype, call, dots, block, &panel);
    atomic_store_explicit(&borrowed[i], false, memory_order_release);
}
