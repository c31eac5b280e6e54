/* Scans: the lines are cut into blocks, and blocks are the pieces of the work. */
#include "core/cpu/scan_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/threads_internal.h"

enum { PIECE = 32 * 1024 }; /* elements that are worth a piece */

typedef struct scan_job {
    const cd_scan_walk *walk;
    cd_scan_function *function;
    int64_t last;   /* lines side by side along the last dimension */
    int64_t across; /* blocks along it */
    int64_t blocks, piece;
} scan_job;

static void run_block(const scan_job *job, int64_t number)
{
    const cd_scan_walk *w = job->walk;
    const int64_t line = number % job->across * CD_SCAN_WIDTH;
    cd_scan_block block = { .n = w->n,
                            .width = cd_smaller(CD_SCAN_WIDTH, job->last - line),
                            .step = w->step };
    for (int k = 0; k < CD_SCAN_OPERANDS; k++) block.data[k] = w->data[k];
    int64_t rest = number / job->across;
    for (int d = w->ndim - 1; d >= 0; d--) {
        const bool is_last = d == w->ndim - 1;
        const int64_t index = is_last ? line : rest % w->size[d];
        if (!is_last) rest /= w->size[d];
        for (int k = 0; k < CD_SCAN_OPERANDS; k++) {
            if (is_last) block.across[k] = w->stride[k][d];
            if (block.data[k]) block.data[k] += index * w->stride[k][d];
        }
    }
    job->function(&block);
}

static void run_piece(int64_t piece, void *context)
{
    const scan_job *job = context;
    const int64_t begin = piece * job->piece;
    const int64_t end = cd_smaller(begin + job->piece, job->blocks);
    for (int64_t b = begin; b < end; b++) run_block(job, b);
}

void cd_cpu_scan(cd_scan kind, cd_dtype dtype, const cd_scan_walk *walk)
{
    int64_t lines = 1;
    for (int d = 0; d < walk->ndim; d++) lines *= walk->size[d];
    if (lines == 0 || walk->n == 0) return;
    scan_job job = { .walk = walk,
                     .function = cd_cpu_kernels()->scan->scan[kind][dtype],
                     .last = walk->ndim > 0 ? walk->size[walk->ndim - 1] : 1 };
    job.across = cd_divide_up(job.last, CD_SCAN_WIDTH);
    job.blocks = lines / job.last * job.across;
    job.piece = cd_larger(1, PIECE / (walk->n * cd_smaller(job.last, CD_SCAN_WIDTH)));
    cd_parallel(cd_divide_up(job.blocks, job.piece), run_piece, &job);
}
