/* Copies of any layout. A transposed copy is cut into units of work, and several units are a piece;
 * every other copy is a map. */
#include "core/cpu/copy_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/threads_internal.h"

enum {
    PIECE = 32 * 1024, /* elements that are worth a piece */
    COLUMNS = 2048,    /* columns of a unit of work, at most */
    LINE = 64,         /* bytes that memory moves at a time */
    LEAST = 16         /* with fewer rows or columns a plain loop is as good */
};

typedef void transpose_function(const cd_transposed_block *t);

/* Rows of the source are contiguous along dimension `column` of the iter, rows of the output along
 * its last dimension. The other dimensions count matrices. A unit of work is a line's worth of
 * source rows, by COLUMNS columns at most. */
typedef struct transposition {
    cd_iter it;
    int column;
    int64_t size;           /* bytes of an element */
    int64_t unit_rows;      /* rows of a unit */
    int64_t strips, blocks; /* units along the rows and along the columns of a matrix */
    int64_t units, units_in_piece;
    bool streamed;
    transpose_function *kernel;
} transposition;

static void run_unit(const transposition *job, int64_t unit)
{
    const cd_iter *it = &job->it;
    const int row_dim = it->ndim - 1, column_dim = job->column;
    const int64_t column = unit % job->blocks * COLUMNS;
    const int64_t row = unit / job->blocks % job->strips * job->unit_rows;
    int64_t matrix = unit / job->blocks / job->strips;
    cd_transposed_block t = { .rows = cd_smaller(job->unit_rows, it->size[row_dim] - row),
                              .columns = cd_smaller(COLUMNS, it->size[column_dim] - column),
                              .from_stride = it->stride[1][row_dim],
                              .to_stride = it->stride[0][column_dim],
                              .streamed = job->streamed };
    t.to = it->data[0] + row * job->size + column * t.to_stride;
    t.from = it->data[1] + row * t.from_stride + column * job->size;
    for (int d = row_dim - 1; d >= 0; d--) {
        if (d == column_dim) continue;
        t.to += matrix % it->size[d] * it->stride[0][d];
        t.from += matrix % it->size[d] * it->stride[1][d];
        matrix /= it->size[d];
    }
    job->kernel(&t);
}

static void run_piece(int64_t piece, void *context)
{
    const transposition *job = context;
    int64_t unit = piece * job->units_in_piece, end = unit + job->units_in_piece;
    if (end > job->units) end = job->units;
    for (; unit < end; unit++) run_unit(job, unit);
}

/* The dimension along which the source is contiguous, if it is not the last one, along which the
 * output is contiguous; else -1. */
static int column_of(const cd_iter *it, int64_t size)
{
    const int last = it->ndim - 1;
    if (last < 1 || it->stride[0][last] != size || it->size[last] < LEAST) return -1;
    for (int d = 0; d < last; d++) {
        if (it->stride[1][d] == size && it->size[d] >= LEAST) return d;
    }
    return -1;
}

/* Whether the output is too large for the cache, and each unit writes whole lines of it. */
static bool may_stream(const cd_iter *it, int64_t bytes)
{
    if (bytes < CD_STREAM_BYTES || (uintptr_t)it->data[0] % LINE != 0) return false;
    for (int d = 0; d < it->ndim - 1; d++) {
        if (it->stride[0][d] % LINE != 0) return false;
    }
    return true;
}

static void run(const cd_iter *it, int column, int64_t size, transpose_function *kernel)
{
    const int last = it->ndim - 1;
    transposition job = { .it = *it,
                          .column = column,
                          .size = size,
                          .unit_rows = LINE / size,
                          .blocks = cd_divide_up(it->size[column], COLUMNS),
                          .kernel = kernel };
    int64_t elements = 1;
    for (int d = 0; d <= last; d++) elements *= it->size[d];
    if (elements == 0) return;
    job.strips = cd_divide_up(it->size[last], job.unit_rows);
    job.units = elements / it->size[column] / it->size[last] * job.strips * job.blocks;
    job.units_in_piece = PIECE / (job.unit_rows * cd_smaller(COLUMNS, it->size[column]));
    if (job.units_in_piece < 1) job.units_in_piece = 1;
    job.streamed = may_stream(it, elements * size);
    cd_parallel(cd_divide_up(job.units, job.units_in_piece), run_piece, &job);
}

/* The loop along the last dimension. */
static cd_loop *loop_of(const cd_iter *it, cd_dtype from, cd_dtype to)
{
    const int64_t size = (int64_t)cd_dtype_size(to);
    const int last = it->ndim - 1;
    const bool reversed = from == to && last >= 0 && it->stride[0][last] == size &&
                          it->stride[1][last] == -size && cd_cpu_kernels()->copy->reverse[to];
    return reversed ? cd_cpu_kernels()->copy->reverse[to] : cd_cpu_convert_loop(from, to);
}

void cd_cpu_copy(cd_iter *it, cd_dtype from, cd_dtype to)
{
    const int64_t size = (int64_t)cd_dtype_size(to);
    it->element = size;
    cd_cpu_iter_coalesce(it);
    const int column = from == to ? column_of(it, size) : -1;
    transpose_function *kernel = column >= 0 ? cd_cpu_kernels()->copy->transpose[to] : NULL;
    if (kernel) {
        run(it, column, size, kernel);
    } else {
        cd_cpu_map(it, loop_of(it, from, to), NULL);
    }
}
