/* Steps of optimizers: runs of elements, across the parameters, are the pieces of the work. */
#include "core/cpu/optim_step_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/threads_internal.h"

enum { PIECE = 32 * 1024 }; /* elements */

/* The tasks' elements are counted as if they lay one behind the other. */
typedef struct step_job {
    cd_step_run *run;
    const cd_step_task *tasks;
    int64_t elements;
} step_job;

static void run_piece(int64_t piece, void *context)
{
    const step_job *job = context;
    int64_t first = piece * PIECE, left = job->elements - first;
    if (left > PIECE) left = PIECE;
    const cd_step_task *task = job->tasks;
    for (; first >= task->n; task++) first -= task->n;
    for (; left > 0; task++, first = 0) {
        const int64_t here = task->n - first, n = here < left ? here : left;
        if (n > 0) job->run(task, first, n);
        left -= n;
    }
}

void cd_cpu_step(cd_step_kind kind, cd_dtype dtype, const cd_step_task *tasks, int64_t count)
{
    step_job job = { .run = cd_cpu_kernels()->optim_step->run[kind][dtype], .tasks = tasks };
    for (int64_t i = 0; i < count; i++) job.elements += tasks[i].n;
    cd_parallel((job.elements + PIECE - 1) / PIECE, run_piece, &job);
}
