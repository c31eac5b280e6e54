/* One block of a product: the choice of the kernel, and the panel that the kernel packs into. */
#include <stdatomic.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/gemm_internal.h"

/* A panel has 96 rows of A (whole tiles of 6 or 8 rows) and 512 columns of B in f32, or half as
 * many columns in f64: 704 kB, which fit in a second-level cache of 1 MB. */
enum { PANELS = 32, A_ROWS = 96, B_ROW_BYTES = 2048 };

/* A product must not fail, so the panels are static: until a thread first writes to one, it takes
 * no memory. A thread borrows a panel for the length of a block. */
static struct panel {
    _Alignas(64) char b[B_ROW_BYTES * CD_GEMM_DEPTH];
    char a[A_ROWS * CD_GEMM_DEPTH * sizeof(double)];
} panels[PANELS];
static atomic_bool borrowed[PANELS];

/* The index of a panel that was free, or -1. */
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
    const struct cd_cpu_gemm_table *kernels = cd_cpu_kernels()->gemm;
    (dots ? kernels->dots : kernels->tiles)[dtype](call, block, panel);
}

/* For a thread that finds no free panel: a panel of one tile, on the stack (64 kB). It is slower,
 * and the bits are the same. */
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

/* Whether an operand must be packed. */
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
