/* Normalisation of rows: groups of rows are the pieces of the work. row_norm_kernel.c has the
 * kernels that run over one row. */
#include "core/cpu/row_norm_internal.h"

#include <math.h>
#include <string.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/dtype_internal.h"
#include "core/threads_internal.h"

/* One call. An array that it does not use is NULL. */
typedef struct task {
    const cd_row_norm_call *norm;
    const cd_row_norm_kernels *kernels;
    size_t bytes; /* of an element */
    int64_t rows_in_piece, columns_in_piece, pieces;
    const char *x, *dy;
    char *y, *dx;
    void *mean, *rstd, *dweight, *dbias;
    char *sums; /* for each piece the sums for dweight, then those for dbias */
} task;

static task begin(const cd_row_norm_call *norm)
{
    return (task){ .norm = norm,
                   .kernels = &cd_cpu_kernels()->row_norm->row[norm->dtype],
                   .bytes = cd_dtype_size(norm->dtype) };
}

/* A row of x, y, dy, dx or of the sums; NULL if the array is NULL. */
static char *row_of(const task *t, const char *array, int64_t row)
{
    return array ? (char *)(uintptr_t)array + (size_t)(row * t->norm->size) * t->bytes : NULL;
}

static int64_t end_of_piece(const task *t, int64_t piece)
{
    return cd_smaller((piece + 1) * t->rows_in_piece, t->norm->rows);
}

/* A piece is one row, or several small ones that have some 32k elements together. */
static int64_t rows_in_piece(int64_t size)
{
    enum { PIECE = 32768 };
    return size < PIECE ? PIECE / (size > 0 ? size : 1) : 1;
}

/* --- forward ---------------------------------------------------------------------------------- */

static void normalise_rows(int64_t piece, void *context)
{
    const task *t = context;
    const cd_row_norm_call *norm = t->norm;
    for (int64_t row = piece * t->rows_in_piece; row < end_of_piece(t, piece); row++) {
        double mean, square;
        const char *x = row_of(t, t->x, row);
        t->kernels->moments(norm->size, x, norm->centred, &mean, &square);
        const double rstd = 1 / sqrt(square + norm->eps);
        if (t->mean) cd_put_real(norm->dtype, t->mean, row, mean);
        if (t->rstd) cd_put_real(norm->dtype, t->rstd, row, rstd);
        t->kernels->normalise(norm->size, x, mean, rstd, norm->weight, norm->bias,
                              row_of(t, t->y, row));
    }
}

void cd_cpu_row_norm(const cd_row_norm_call *norm, const void *x, void *y, void *mean, void *rstd)
{
    task t = begin(norm);
    t.x = x;
    t.y = y;
    t.mean = mean;
    t.rstd = rstd;
    t.rows_in_piece = rows_in_piece(norm->size);
    cd_parallel((norm->rows + t.rows_in_piece - 1) / t.rows_in_piece, normalise_rows, &t);
}

/* --- backward --------------------------------------------------------------------------------- */

/* At most so many pieces: each has sums of its own. */
enum { MOST_PIECES = 32 };

static int64_t rows_in_summed_piece(int64_t rows, int64_t size)
{
    const int64_t least = (rows + MOST_PIECES - 1) / MOST_PIECES, usual = rows_in_piece(size);
    return least > usual ? least : usual;
}

static int64_t pieces_of(int64_t rows, int64_t size)
{
    const int64_t in_piece = rows_in_summed_piece(rows, size);
    return (rows + in_piece - 1) / in_piece;
}

int64_t cd_cpu_row_norm_sums(int64_t rows, int64_t size)
{
    return pieces_of(rows, size) * 2 * size;
}

static void differentiate_rows(int64_t piece, void *context)
{
    const task *t = context;
    const cd_row_norm_call *norm = t->norm;
    cd_row_norm_gradient g = { .size = norm->size,
                               .centred = norm->centred,
                               .weight = norm->weight,
                               .dweight = t->dweight ? row_of(t, t->sums, 2 * piece) : NULL,
                               .dbias = t->dbias ? row_of(t, t->sums, 2 * piece + 1) : NULL };
    if (g.dweight) memset(g.dweight, 0, (size_t)norm->size * t->bytes);
    if (g.dbias) memset(g.dbias, 0, (size_t)norm->size * t->bytes);
    for (int64_t row = piece * t->rows_in_piece; row < end_of_piece(t, piece); row++) {
        g.mean = norm->centred ? cd_real_at(norm->dtype, t->mean, row) : 0;
        g.rstd = cd_real_at(norm->dtype, t->rstd, row);
        g.dx = row_of(t, t->dx, row);
        t->kernels->gradient(&g, row_of(t, t->dy, row), row_of(t, t->x, row));
    }
}

static void add_pieces(int64_t piece, void *context)
{
    const task *t = context;
    const int64_t size = t->norm->size, first = piece * t->columns_in_piece;
    const int64_t end = cd_smaller(first + t->columns_in_piece, size);
    if (t->dweight) t->kernels->add_up(t->pieces, 2 * size, t->sums, first, end, t->dweight);
    if (t->dbias) {
        t->kernels->add_up(t->pieces, 2 * size, row_of(t, t->sums, 1), first, end, t->dbias);
    }
}

void cd_cpu_row_norm_backward(const cd_row_norm_call *norm, const void *dy, const void *x,
                              const void *mean, const void *rstd, void *dx, void *dweight,
                              void *dbias, void *workspace)
{
    const bool sums = dweight || dbias;
    task t = begin(norm);
    t.dy = dy;
    t.x = x;
    t.mean = (void *)(uintptr_t)mean;
    t.rstd = (void *)(uintptr_t)rstd;
    t.dx = dx;
    t.dweight = dweight;
    t.dbias = dbias;
    t.sums = workspace;
    t.rows_in_piece =
        sums ? rows_in_summed_piece(norm->rows, norm->size) : rows_in_piece(norm->size);
    t.pieces = (norm->rows + t.rows_in_piece - 1) / t.rows_in_piece;
    cd_parallel(t.pieces, differentiate_rows, &t);
    if (!sums) return;
    t.columns_in_piece = 4096;
    cd_parallel((norm->size + t.columns_in_piece - 1) / t.columns_in_piece, add_pieces, &t);
}
