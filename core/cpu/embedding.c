/* Rows of a table by index. Forward, groups of indices are the pieces of the work; backward, groups
 * of the table's rows, so that no two pieces add to one row. */
#include "core/cpu/embedding_internal.h"

#include <string.h>

#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

/* --- forward ---------------------------------------------------------------------------------- */

typedef struct take_task {
    const int64_t *index;
    int64_t count, in_piece;
    size_t bytes;
    const char *table;
    char *y;
} take_task;

static void take_piece(int64_t piece, void *context)
{
    const take_task *t = context;
    const int64_t end = cd_smaller((piece + 1) * t->in_piece, t->count);
    for (int64_t i = piece * t->in_piece; i < end; i++) {
        memcpy(t->y + (size_t)i * t->bytes, t->table + (size_t)t->index[i] * t->bytes, t->bytes);
    }
}

void cd_cpu_take_rows(int64_t count, const int64_t *index, size_t bytes, const void *table, void *y)
{
    enum { PIECE = 128 * 1024 };
    if (bytes == 0) return;
    take_task t = { .index = index, .count = count, .bytes = bytes, .table = table, .y = y };
    t.in_piece = bytes < PIECE ? (int64_t)(PIECE / bytes) : 1;
    cd_parallel((count + t.in_piece - 1) / t.in_piece, take_piece, &t);
}

/* --- backward --------------------------------------------------------------------------------- */

typedef struct add_task {
    const cd_embedding_gradient *g;
    int64_t rows_in_piece;
} add_task;

/* The rows of the table from `first` up to but without `end`. */
#define ADD_ROWS(suffix_, type_)                                                                   \
    static void add_##suffix_(const cd_embedding_gradient *g, int64_t first, int64_t end)          \
    {                                                                                              \
        const type_ *dy = g->dy;                                                                   \
        type_ *dx = g->dx;                                                                         \
        memset(dx + first * g->size, 0, (size_t)((end - first) * g->size) * sizeof(type_));        \
        for (int64_t k = 0; k < g->count; k++) {                                                   \
            const int64_t row = g->index[k];                                                       \
            if (row < first || row >= end || row == g->skipped) continue;                          \
            const type_ scale = g->how_often ? (type_)(1.0 / (double)g->how_often[row]) : 1;       \
            const type_ *from = dy + k * g->size;                                                  \
            type_ *to = dx + row * g->size;                                                        \
            for (int64_t i = 0; i < g->size; i++) to[i] += scale * from[i];                        \
        }                                                                                          \
    }
ADD_ROWS(f32, float)
ADD_ROWS(f64, double)

static void add_piece(int64_t piece, void *context)
{
    typedef void add_function(const cd_embedding_gradient *g, int64_t first, int64_t end);
    static add_function *const add[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(add) };
    const add_task *t = context;
    const int64_t first = piece * t->rows_in_piece;
    add[t->g->dtype](t->g, first, cd_smaller(first + t->rows_in_piece, t->g->rows));
}

/* Each piece looks at every index, so there are not many. */
void cd_cpu_embedding_gradient(const cd_embedding_gradient *g)
{
    enum { MOST_PIECES = 16, PIECE = 32768 };
    add_task t = { .g = g };
    if (g->size == 0) return;
    const int64_t least = (g->rows + MOST_PIECES - 1) / MOST_PIECES;
    t.rows_in_piece = g->size < PIECE ? PIECE / g->size : 1;
    if (t.rows_in_piece < least) t.rows_in_piece = least;
    cd_parallel((g->rows + t.rows_in_piece - 1) / t.rows_in_piece, add_piece, &t);
}
