/* topk: rows are the pieces of the work. */
#include "core/cpu/topk_internal.h"

#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

/* A row of x, whose elements are `step` apart, and where its results go. */
typedef struct cd_topk_row {
    const void *x;
    int64_t step;
    bool smallest;
    void *values;
    int64_t *heap; /* the indices */
} cd_topk_row;

#define TYPE       float
#define SUFFIX     f32
#define IS_NAN(x_) ((x_) != (x_))
#include "core/cpu/topk_typed.h"

#define TYPE       double
#define SUFFIX     f64
#define IS_NAN(x_) ((x_) != (x_))
#include "core/cpu/topk_typed.h"

#define TYPE       int64_t
#define SUFFIX     i64
#define IS_NAN(x_) false
#include "core/cpu/topk_typed.h"

#define TYPE       int32_t
#define SUFFIX     i32
#define IS_NAN(x_) false
#include "core/cpu/topk_typed.h"

#define TYPE       uint8_t
#define SUFFIX     u8
#define IS_NAN(x_) false
#include "core/cpu/topk_typed.h"

enum { PIECE = 16 * 1024 }; /* elements that are worth a piece */

typedef void row_function(int64_t n, int64_t k, const cd_topk_row *row);
static row_function *const rows[CD_DTYPE_COUNT] = { CD_CPU_NUMBERS(topk) };

typedef struct topk_job {
    row_function *row;
    bool smallest;
    int64_t size; /* bytes of an element */
    int64_t n, inner, k;
    int64_t rows, piece; /* rows of all, and of a piece */
    const char *x;
    char *values;
    int64_t *indices;
} topk_job;

static void run_piece(int64_t piece, void *context)
{
    const topk_job *job = context;
    int64_t begin = piece * job->piece, end = begin + job->piece;
    if (end > job->rows) end = job->rows;
    for (int64_t r = begin; r < end; r++) {
        int64_t outer = r / job->inner, i = r % job->inner;
        int64_t from = outer * job->n * job->inner + i, to = outer * job->k * job->inner + i;
        const cd_topk_row row = { job->x + from * job->size, job->inner, job->smallest,
                                  job->values + to * job->size, job->indices + to };
        job->row(job->n, job->k, &row);
    }
}

void cd_cpu_topk(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, int64_t k, bool smallest,
                 const void *x, void *values, int64_t *indices)
{
    if (outer == 0 || inner == 0 || k == 0) return;
    topk_job job = { .row = rows[dtype],
                     .smallest = smallest,
                     .size = (int64_t)cd_dtype_size(dtype),
                     .n = n,
                     .inner = inner,
                     .k = k,
                     .rows = outer * inner,
                     .piece = n < PIECE ? PIECE / n : 1,
                     .x = x,
                     .values = values,
                     .indices = indices };
    cd_parallel((job.rows + job.piece - 1) / job.piece, run_piece, &job);
}
