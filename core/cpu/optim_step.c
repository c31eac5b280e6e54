/* Steps of optimizers: runs of elements are the pieces of the work. */
#include "core/cpu/optim_step_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/threads_internal.h"

enum { PIECE = 32 * 1024 }; /* elements */

typedef struct sgd_job {
    cd_sgd_run *run;
    int64_t n, element; /* element: bytes of one */
    char *w, *buffer;
    const char *g;
    const cd_sgd_params *params;
} sgd_job;

static void run_piece(int64_t piece, void *context)
{
    const sgd_job *job = context;
    int64_t begin = piece * PIECE, left = job->n - begin, offset = begin * job->element;
    job->run(left < PIECE ? left : PIECE, job->w + offset, job->g + offset,
             job->buffer ? job->buffer + offset : NULL, job->params);
}

void cd_cpu_sgd(cd_dtype dtype, int64_t n, void *w, const void *g, void *buffer,
                const cd_sgd_params *params)
{
    sgd_job job = { .run = cd_cpu_kernels()->optim_step->sgd[dtype],
                    .n = n,
                    .element = (int64_t)cd_dtype_size(dtype),
                    .w = w,
                    .g = g,
                    .buffer = buffer,
                    .params = params };
    cd_parallel((n + PIECE - 1) / PIECE, run_piece, &job);
}
