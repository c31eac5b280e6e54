/* softmax and log_softmax: the work is cut into pieces of rows where the reduced dimension is the
 * last (inner is 1), else into pieces of blocks of columns. */
#include "core/cpu/softmax_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/threads_internal.h"

enum { PIECE = 16 * 1024 }; /* elements that are worth a piece; each costs an exponential */

typedef struct softmax_job {
    cd_softmax_pair kernel;
    int64_t element; /* bytes */
    int64_t outer, n, inner;
    int64_t blocks; /* blocks of columns for each index of the outer dimension; 1 if inner is 1 */
    int64_t piece_size; /* rows, or blocks of columns */
    const char *in[2];  /* forward: x twice; backward: y, dy */
    char *out;
} softmax_job;

static void run_rows(const softmax_job *job, int64_t begin, int64_t end)
{
    const int64_t bytes = job->n * job->element;
    for (int64_t row = begin; row < end; row++) {
        const void *in[2] = { job->in[0] + row * bytes, job->in[1] + row * bytes };
        job->kernel.row(job->n, in, job->out + row * bytes);
    }
}

static void run_columns(const softmax_job *job, int64_t begin, int64_t end)
{
    for (int64_t block = begin; block < end; block++) {
        int64_t column = block % job->blocks * CD_SOFTMAX_COLUMNS;
        int64_t width = job->inner - column;
        if (width > CD_SOFTMAX_COLUMNS) width = CD_SOFTMAX_COLUMNS;
        int64_t offset = (block / job->blocks * job->n * job->inner + column) * job->element;
        const void *in[2] = { job->in[0] + offset, job->in[1] + offset };
        job->kernel.columns(job->n, job->inner, width, in, job->out + offset);
    }
}

static void run_piece(int64_t piece, void *context)
{
    const softmax_job *job = context;
    int64_t begin = piece * job->piece_size, end = begin + job->piece_size,
            all = job->outer * job->blocks;
    if (end > all) end = all;
    if (job->inner == 1) {
        run_rows(job, begin, end);
    } else {
        run_columns(job, begin, end);
    }
}

static void run(const cd_softmax_pair *kernels, cd_dtype dtype, int64_t outer, int64_t n,
                int64_t inner, const void *first, const void *second, void *out)
{
    if (outer == 0 || n == 0 || inner == 0) return;
    softmax_job job = { .kernel = kernels[dtype],
                        .element = (int64_t)cd_dtype_size(dtype),
                        .outer = outer,
                        .n = n,
                        .inner = inner,
                        .blocks = (inner + CD_SOFTMAX_COLUMNS - 1) / CD_SOFTMAX_COLUMNS,
                        .in = { first, second },
                        .out = out };
    int64_t width = inner < CD_SOFTMAX_COLUMNS ? inner : CD_SOFTMAX_COLUMNS;
    job.piece_size = PIECE / n / width;
    if (job.piece_size < 1) job.piece_size = 1;
    cd_parallel((outer * job.blocks + job.piece_size - 1) / job.piece_size, run_piece, &job);
}

void cd_cpu_softmax(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *x, void *y)
{
    run(cd_cpu_kernels()->softmax->forward, dtype, outer, n, inner, x, x, y);
}

void cd_cpu_log_softmax(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *x,
                        void *y)
{
    run(cd_cpu_kernels()->softmax->log_forward, dtype, outer, n, inner, x, x, y);
}

void cd_cpu_softmax_backward(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *y,
                             const void *dy, void *dx)
{
    run(cd_cpu_kernels()->softmax->backward, dtype, outer, n, inner, y, dy, dx);
}

void cd_cpu_log_softmax_backward(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner,
                                 const void *y, const void *dy, void *dx)
{
    run(cd_cpu_kernels()->softmax->log_backward, dtype, outer, n, inner, y, dy, dx);
}
