/* Elements picked by index along one dimension (gather), and added back (scatter_add). The index is
 * cut along its first dimension into pieces, and each piece into runs along the last dimension. */
#include "core/cpu/gather_internal.h"

#include <string.h>

#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

/* A run of n elements. From one element to the next the table advances by `step`, and by `along`
 * for each unit of the index; the values advance by value_step. */
typedef struct run {
    int64_t n, step, along, value_step;
    const int64_t *index;
    char *table, *values;
} run;
typedef void run_function(const run *r);

/* For an element of so many bytes: only its size counts, so that floats are moved as integers. */
#define GATHER(bytes_, type_)                                                                      \
    static void gather_##bytes_(const run *r)                                                      \
    {                                                                                              \
        const type_ *table = (const type_ *)(const void *)r->table;                                \
        type_ *values = (type_ *)(void *)r->values;                                                \
        for (int64_t j = 0; j < r->n; j++) {                                                       \
            values[j * r->value_step] = table[j * r->step + r->index[j] * r->along];               \
        }                                                                                          \
    }
GATHER(8, uint64_t)
GATHER(4, uint32_t)
GATHER(1, uint8_t)

/* Signed integers are added as unsigned ones, which wrap. */
#define SCATTER(suffix_, type_, sum_)                                                              \
    static void scatter_##suffix_(const run *r)                                                    \
    {                                                                                              \
        type_ *table = (type_ *)(void *)r->table;                                                  \
        const type_ *values = (const type_ *)(const void *)r->values;                              \
        for (int64_t j = 0; j < r->n; j++) {                                                       \
            type_ *to = &table[j * r->step + r->index[j] * r->along];                              \
            const type_ a = *to, b = values[j * r->value_step];                                    \
            *to = (type_)(sum_);                                                                   \
        }                                                                                          \
    }
SCATTER(f32, float, a + b)
SCATTER(f64, double, a + b)
SCATTER(i64, uint64_t, a + b)
SCATTER(i32, uint32_t, a + b)
SCATTER(u8, uint8_t, a + b)
SCATTER(bool, uint8_t, a | b)

static run_function *const gather_of[CD_DTYPE_COUNT] = { CD_CPU_SIZES(gather) };
static run_function *const scatter_of[CD_DTYPE_COUNT] = {
    CD_CPU_NUMBERS(scatter), [CD_BOOL] = scatter_bool
};

/* --- the walk --------------------------------------------------------------------------------- */

typedef struct walk {
    const cd_index_walk *shape;
    run_function *function;
    const int64_t *index;
    char *table, *values;
    int64_t element; /* bytes */
    int64_t inner;   /* elements of the index for each position of dimension 0 */
    int64_t piece;   /* positions of dimension 0 in a piece */
} walk;

/* Where the run at this position (of all dimensions but the last) begins in table and values. */
static void begin_run(const walk *w, const int64_t *position, run *r)
{
    const cd_index_walk *s = w->shape;
    int64_t in_table = 0, in_values = 0;
    for (int i = 0; i < s->ndim; i++) {
        if (i != s->dim) in_table += position[i] * s->table_stride[i];
        in_values += position[i] * s->value_stride[i];
    }
    r->table = w->table + in_table * w->element;
    r->values = w->values + in_values * w->element;
}

static void walk_piece(int64_t number, void *context)
{
    const walk *w = context;
    const cd_index_walk *s = w->shape;
    const int last = s->ndim - 1;
    int64_t from = number * w->piece, left = s->size[0] - from;
    if (left > w->piece) left = w->piece;
    int64_t position[CD_MAX_DIMS] = { from };
    run r = { .n = last == 0 ? left : s->size[last],
              .step = s->dim == last ? 0 : s->table_stride[last],
              .along = s->table_stride[s->dim],
              .value_step = s->value_stride[last],
              .index = w->index + from * w->inner };
    int64_t runs = last == 0 ? 1 : left * w->inner / r.n;
    for (; runs > 0; runs--, r.index += r.n) {
        begin_run(w, position, &r);
        w->function(&r);
        for (int i = last - 1; i >= 0 && ++position[i] == s->size[i] && i > 0; i--) position[i] = 0;
    }
}

/* `apart`: no two positions of dimension 0 write to one element, so that threads may share them. */
static void walk_all(walk *w, bool apart)
{
    enum { PIECE_ELEMENTS = 32768 };
    const cd_index_walk *s = w->shape;
    w->inner = 1;
    for (int i = 1; i < s->ndim; i++) w->inner *= s->size[i];
    if (w->inner == 0 || s->size[0] == 0) return;
    w->piece = apart ? (PIECE_ELEMENTS + w->inner - 1) / w->inner : s->size[0];
    cd_parallel((s->size[0] + w->piece - 1) / w->piece, walk_piece, w);
}

void cd_cpu_gather(cd_dtype dtype, const cd_index_walk *shape, const int64_t *index,
                   const void *table, void *values)
{
    walk w = { .shape = shape,
               .function = gather_of[dtype],
               .index = index,
               .table = (char *)(uintptr_t)table,
               .values = values,
               .element = (int64_t)cd_dtype_size(dtype) };
    walk_all(&w, true);
}

void cd_cpu_scatter_add(cd_dtype dtype, const cd_index_walk *shape, const int64_t *index,
                        const void *values, void *table)
{
    walk w = { .shape = shape,
               .function = scatter_of[dtype],
               .index = index,
               .table = table,
               .values = (char *)(uintptr_t)values,
               .element = (int64_t)cd_dtype_size(dtype) };
    walk_all(&w, shape->dim != 0); /* along dimension 0, several values may meet in one element */
}

/* --- indices ---------------------------------------------------------------------------------- */

int64_t cd_cpu_first_outside(const int64_t *index, int64_t count, int64_t size)
{
    for (int64_t i = 0; i < count; i++) {
        if ((uint64_t)index[i] >= (uint64_t)size) return i;
    }
    return count;
}

void cd_cpu_one_hot(int64_t count, int64_t classes, const int64_t *index, int64_t *y)
{
    memset(y, 0, (size_t)(count * classes) * sizeof *y);
    for (int64_t i = 0; i < count; i++) y[i * classes + index[i]] = 1;
}
