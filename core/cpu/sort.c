/* Sorting. A piece of the work is some rows, which share one scratch memory. */
#include "core/cpu/sort_internal.h"

#include <string.h>

#include "core/cpu/keys_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

enum {
    SORT_SHORT = 24,   /* up to so many elements insertion is faster */
    PIECE = 16 * 1024, /* a piece of the work has rows of about so many elements */
    SCRATCH = 4 << 20, /* the scratch of all pieces is for so many elements, or for one row */
    PIECES = 64        /* at most */
};

/* From how many records have each byte, the position of the first of them. */
static void sort_begins(size_t count[256])
{
    size_t begin = 0;
    for (int b = 0; b < 256; b++) {
        const size_t these = count[b];
        count[b] = begin;
        begin += these;
    }
}

#define TYPE   float
#define SUFFIX f32
#define KEY    uint32_t
#include "core/cpu/sort_typed.h"

#define TYPE   double
#define SUFFIX f64
#define KEY    uint64_t
#include "core/cpu/sort_typed.h"

#define TYPE   int64_t
#define SUFFIX i64
#define KEY    uint64_t
#include "core/cpu/sort_typed.h"

#define TYPE   int32_t
#define SUFFIX i32
#define KEY    uint32_t
#include "core/cpu/sort_typed.h"

#define TYPE   uint8_t
#define SUFFIX u8
#define KEY    uint32_t
#include "core/cpu/sort_typed.h"

typedef void sort_row(int64_t n, int64_t step, bool descending, const void *row, void *values,
                      int64_t *indices, void *scratch);
static sort_row *const sort_rows[CD_DTYPE_COUNT] = { CD_CPU_EVERY(sort) };

#define RECORD_BYTES(name_, suffix_) sizeof(name_##_##suffix_)
static const size_t record_bytes[CD_DTYPE_COUNT] = { CD_CPU_EVERY_AS(RECORD_BYTES, record) };

typedef struct sort_job {
    sort_row *row;
    size_t element, scratch_bytes; /* bytes of an element, and of the scratch of a piece */
    int64_t n, inner, rows, pieces;
    bool descending;
    const char *x;
    char *values, *scratch;
    int64_t *indices;
} sort_job;

static int64_t pieces_of(int64_t rows, int64_t n)
{
    const int64_t worth = cd_smaller(cd_divide_up(rows, cd_larger(1, PIECE / n)), PIECES);
    return cd_larger(1, cd_smaller(worth, SCRATCH / n));
}

static void run_piece(int64_t piece, void *context)
{
    const sort_job *job = context;
    const int64_t each = cd_divide_up(job->rows, job->pieces);
    const int64_t begin = piece * each, end = cd_smaller(begin + each, job->rows);
    for (int64_t r = begin; r < end; r++) {
        const int64_t at = r / job->inner * job->n * job->inner + r % job->inner;
        job->row(job->n, job->inner, job->descending, job->x + (size_t)at * job->element,
                 job->values + (size_t)at * job->element, job->indices + at,
                 job->scratch + (size_t)piece * job->scratch_bytes);
    }
}

size_t cd_cpu_sort_bytes(cd_dtype dtype, int64_t rows, int64_t n)
{
    size_t bytes;
    if (rows == 0 || n == 0) return 0;
    const size_t records = 2 * (size_t)pieces_of(rows, n);
    return cd_checked_mul((size_t)n, records * record_bytes[dtype], &bytes) ? bytes : SIZE_MAX;
}

void cd_cpu_sort(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, bool descending,
                 const void *x, void *values, int64_t *indices, void *scratch)
{
    sort_job job = { .row = sort_rows[dtype],
                     .element = cd_dtype_size(dtype),
                     .scratch_bytes = 2 * (size_t)n * record_bytes[dtype],
                     .n = n,
                     .inner = inner,
                     .rows = outer * inner,
                     .pieces = pieces_of(outer * inner, n),
                     .descending = descending,
                     .x = x,
                     .values = values,
                     .scratch = scratch,
                     .indices = indices };
    cd_parallel(job.pieces, run_piece, &job);
}
