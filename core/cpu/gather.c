#include "core/cpu/gather_internal.h"

#include <string.h>

#include "core/threads_internal.h"

/* One run along the last dimension: n elements, whose places in the table advance by `step` and,
 * with each index, by `along`; those of the values by value_step. */
typedef struct run {
    int64_t n, step, along, value_step;
    const int64_t *index;
    char *table, *values;
} run;
typedef void run_loop(const run *r);

/* Only the size of an element counts, so floats travel as integers. */
#define GATHER(name_, type_)                                                                       \
    static void name_(const run *r)                                                                \
    {                                                                                              \
        const type_ *table = (const type_ *)(const void *)r->table;                                \
        type_ *values = (type_ *)(void *)r->values;                                                \
        for (int64_t j = 0; j < r->n; j++) {                                                       \
            values[j * r->value_step] = table[j * r->step + r->index[j] * r->along];               \
        }                                                                                          \
    }
GATHER(gather_8, uint64_t)
GATHER(gather_4, uint32_t)
GATHER(gather_1, uint8_t)

/* Signed integers are added as unsigned ones, which wrap. */
#define SCATTER(name_, type_, sum_)                                                                \
    static void name_(const run *r)                                                                \
    {                                                                                              \
        type_ *table = (type_ *)(void *)r->table;                                                  \
        const type_ *values = (const type_ *)(const void *)r->values;                              \
        for (int64_t j = 0; j < r->n; j++) {                                                       \
            type_ *to = &table[j * r->step + r->index[j] * r->along];                              \
            const type_ a = *to, b = values[j * r->value_step];                                    \
            *to = (type_)(sum_);                                                                   \
        }                                                                                          \
    }
SCATTER(scatter_f32, float, a + b)
SCATTER(scatter_f64, double, a + b)
SCATTER(scatter_i64, uint64_t, a + b)
SCATTER(scatter_i32, uint32_t, a + b)
SCATTER(scatter_u8, uint8_t, a + b)
SCATTER(scatter_bool, uint8_t, a | b)

static run_loop *const scatter_loops[CD_DTYPE_COUNT] = {
    [CD_F32] = scatter_f32, [CD_F64] = scatter_f64, [CD_I64] = scatter_i64,
    [CD_I32] = scatter_i32, [CD_U8] = scatter_u8,   [CD_BOOL] = scatter_bool,
};

/* --- the walk --------------------------------------------------------------------------------- */

typedef struct walk {
    const cd_index_walk *shape;
    run_loop *loop;
    const int64_t *index;
    char *table, *values;
    int64_t element; /* bytes */
    int64_t inner;   /* indices to one of dimension 0 */
    int64_t piece;   /* of dimension 0, that a thread takes at once */
} walk;

/* Where in table and values the run begins that has these positions before the last dimension. */
static void place(const walk *w, const int64_t *at, run *r)
{
    const cd_index_walk *s = w->shape;
    int64_t in_table = 0, in_values = 0;
    for (int i = 0; i < s->ndim; i++) {
        if (i != s->dim) in_table += at[i] * s->table_stride[i];
        in_values += at[i] * s->value_stride[i];
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
    int64_t at[CD_MAX_DIMS] = { from };
    run r = { .n = last == 0 ? left : s->size[last],
              .step = s->dim == last ? 0 : s->table_stride[last],
              .along = s->table_stride[s->dim],
              .value_step = s->value_stride[last],
              .index = w->index + from * w->inner };
    int64_t runs = last == 0 ? 1 : left * w->inner / r.n;
    for (; runs > 0; runs--, r.index += r.n) {
        place(w, at, &r);
        w->loop(&r);
        for (int i = last - 1; i >= 0 && ++at[i] == s->size[i] && i > 0; i--) at[i] = 0;
    }
}

/* Pieces of dimension 0 never meet in the table, unless it is the one that is indexed. */
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
    size_t size = cd_dtype_size(dtype);
    walk w = { .shape = shape,
               .loop = size == 8   ? gather_8
                       : size == 4 ? gather_4
                                   : gather_1,
               .index = index,
               .table = (char *)(uintptr_t)table,
               .values = values,
               .element = (int64_t)size };
    walk_all(&w, true);
}

void cd_cpu_scatter_add(cd_dtype dtype, const cd_index_walk *shape, const int64_t *index,
                        const void *values, void *table)
{
    walk w = { .shape = shape,
               .loop = scatter_loops[dtype],
               .index = index,
               .table = table,
               .values = (char *)(uintptr_t)values,
               .element = (int64_t)cd_dtype_size(dtype) };
    walk_all(&w, shape->dim != 0);
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
