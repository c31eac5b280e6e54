#include "core/cpu/topk_internal.h"

#include "core/threads_internal.h"

enum { PIECE = 16 * 1024 }; /* elements that are worth a piece */

typedef void topk_row(int64_t n, int64_t step, int64_t k, const void *row, void *values,
                      int64_t *heap);

/* One row, whose elements lie `step` apart, as do the values and indices that come out. The indices
 * serve as a heap, the worst of the k best so far on top; taken off from there, they end up in
 * order. */
#define TOPK(suffix_, type_, is_nan_)                                                              \
    static bool worse_##suffix_(const type_ *x, int64_t step, int64_t i, int64_t j)                \
    {                                                                                              \
        const type_ a = x[i * step], b = x[j * step];                                              \
        const bool a_nan = is_nan_(a), b_nan = is_nan_(b);                                         \
        if (a_nan || b_nan) return a_nan == b_nan ? i > j : b_nan;                                 \
        return a == b ? i > j : a < b;                                                             \
    }                                                                                              \
                                                                                                   \
    static void sink_##suffix_(const type_ *x, int64_t step, int64_t size, int64_t at,             \
                               int64_t item, int64_t *heap)                                        \
    {                                                                                              \
        for (int64_t child; (child = 2 * at + 1) < size; at = child) {                             \
            if (child + 1 < size &&                                                                \
                worse_##suffix_(x, step, heap[(child + 1) * step], heap[child * step])) {          \
                child++;                                                                           \
            }                                                                                      \
            if (!worse_##suffix_(x, step, heap[child * step], item)) break;                        \
            heap[at * step] = heap[child * step];                                                  \
        }                                                                                          \
        heap[at * step] = item;                                                                    \
    }                                                                                              \
                                                                                                   \
    static void topk_##suffix_(int64_t n, int64_t step, int64_t k, const void *row, void *values,  \
                               int64_t *heap)                                                      \
    {                                                                                              \
        const type_ *x = row;                                                                      \
        type_ *out = values;                                                                       \
        for (int64_t i = 0; i < k; i++) heap[i * step] = i;                                        \
        for (int64_t i = k / 2; i-- > 0;) sink_##suffix_(x, step, k, i, heap[i * step], heap);     \
        for (int64_t i = k; i < n; i++) {                                                          \
            if (worse_##suffix_(x, step, heap[0], i)) sink_##suffix_(x, step, k, 0, i, heap);      \
        }                                                                                          \
        for (int64_t last = k; last-- > 1;) {                                                      \
            const int64_t worst = heap[0], item = heap[last * step];                               \
            sink_##suffix_(x, step, last, 0, item, heap);                                          \
            heap[last * step] = worst;                                                             \
        }                                                                                          \
        for (int64_t i = 0; i < k; i++) out[i * step] = x[heap[i * step] * step];                  \
    }

#define FLOAT_NAN(x_)   ((x_) != (x_))
#define INTEGER_NAN(x_) false
TOPK(f32, float, FLOAT_NAN)
TOPK(f64, double, FLOAT_NAN)
TOPK(i64, int64_t, INTEGER_NAN)
TOPK(i32, int32_t, INTEGER_NAN)
TOPK(u8, uint8_t, INTEGER_NAN)

static topk_row *const rows[CD_DTYPE_COUNT] = { [CD_F32] = topk_f32,
                                                [CD_F64] = topk_f64,
                                                [CD_I64] = topk_i64,
                                                [CD_I32] = topk_i32,
                                                [CD_U8] = topk_u8 };

typedef struct topk_job {
    topk_row *row;
    int64_t size; /* bytes of an element */
    int64_t n, inner, k;
    int64_t rows, piece; /* of all, and of a piece */
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
        job->row(job->n, job->inner, job->k, job->x + from * job->size,
                 job->values + to * job->size, job->indices + to);
    }
}

void cd_cpu_topk(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, int64_t k, const void *x,
                 void *values, int64_t *indices)
{
    if (outer == 0 || inner == 0 || k == 0) return;
    topk_job job = { .row = rows[dtype],
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
