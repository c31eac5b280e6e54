/* Elements picked by index (gather), and put back (scatter). The walk is cut along its first
 * dimension into pieces, and each piece into runs along the last dimension. In a run either each
 * element has an index of its own, or one index is for all of them: then they are a row, for which
 * the elementwise maps have loops. */
#include "core/cpu/gather_internal.h"

#include <string.h>

#include "core/cpu/map_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

/* A run of n elements. From one element to the next the table advances by `step`, and by `along`
 * for each unit of the index; index and values advance by steps of their own. */
typedef struct run {
    int64_t n, step, along, index_step, value_step;
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
            values[j * r->value_step] =                                                            \
                table[j * r->step + r->index[j * r->index_step] * r->along];                       \
        }                                                                                          \
    }
GATHER(8, uint64_t)
GATHER(4, uint32_t)
GATHER(1, uint8_t)

#define SET(bytes_, type_)                                                                         \
    static void set_##bytes_(const run *r)                                                         \
    {                                                                                              \
        type_ *table = (type_ *)(void *)r->table;                                                  \
        const type_ *values = (const type_ *)(const void *)r->values;                              \
        for (int64_t j = 0; j < r->n; j++) {                                                       \
            table[j * r->step + r->index[j * r->index_step] * r->along] =                          \
                values[j * r->value_step];                                                         \
        }                                                                                          \
    }
SET(8, uint64_t)
SET(4, uint32_t)
SET(1, uint8_t)

/* Signed integers are computed as unsigned ones, which wrap. */
#define CHANGE(name_, suffix_, type_, operator_)                                                   \
    static void name_##_##suffix_(const run *r)                                                    \
    {                                                                                              \
        type_ *table = (type_ *)(void *)r->table;                                                  \
        const type_ *values = (const type_ *)(const void *)r->values;                              \
        for (int64_t j = 0; j < r->n; j++) {                                                       \
            type_ *to = &table[j * r->step + r->index[j * r->index_step] * r->along];              \
            const type_ a = *to, b = values[j * r->value_step];                                    \
            *to = (type_)(a operator_ b);                                                          \
        }                                                                                          \
    }
CHANGE(add, f32, float, +)
CHANGE(add, f64, double, +)
CHANGE(add, i64, uint64_t, +)
CHANGE(add, i32, uint32_t, +)
CHANGE(add, u8, uint8_t, +)
CHANGE(add, bool, uint8_t, |)
CHANGE(multiply, f32, float, *)
CHANGE(multiply, f64, double, *)
CHANGE(multiply, i64, uint64_t, *)
CHANGE(multiply, i32, uint32_t, *)
CHANGE(multiply, u8, uint8_t, *)
CHANGE(multiply, bool, uint8_t, *)

static run_function *const gather_of[CD_DTYPE_COUNT] = { CD_CPU_SIZES(gather) };
static run_function *const scatter_of[][CD_DTYPE_COUNT] = {
    [CD_SCATTER_SET] = { CD_CPU_SIZES(set) },
    [CD_SCATTER_ADD] = { CD_CPU_NUMBERS(add), [CD_BOOL] = add_bool },
    [CD_SCATTER_MULTIPLY] = { CD_CPU_NUMBERS(multiply), [CD_BOOL] = multiply_bool },
};

/* --- rows ------------------------------------------------------------------------------------- */

/* The loop for rows, and which operands it has: the values alone, the table alone, or the table as
 * it was and the values. */
typedef struct row_kind {
    cd_loop *loop;
    bool gathers, changes;
} row_kind;

static row_kind row_of(cd_scatter how, cd_dtype dtype)
{
    if (how == CD_SCATTER_SET) return (row_kind){ .loop = cd_cpu_convert_loop(dtype, dtype) };
    const cd_map map = how == CD_SCATTER_ADD ? CD_MAP_add : CD_MAP_mul;
    return (row_kind){ .loop = cd_cpu_loop(map, dtype), .changes = true };
}

static void run_row(const row_kind *kind, const run *r, int64_t element)
{
    char *table = r->table + *r->index * r->along * element;
    const int64_t step = r->step * element, value_step = r->value_step * element;
    if (kind->gathers) {
        kind->loop(r->n, (char *const[]){ r->values, table }, (int64_t[]){ value_step, step },
                   NULL);
    } else if (kind->changes) {
        kind->loop(r->n, (char *const[]){ table, table, r->values },
                   (int64_t[]){ step, step, value_step }, NULL);
    } else {
        kind->loop(r->n, (char *const[]){ table, r->values }, (int64_t[]){ step, value_step },
                   NULL);
    }
}

/* --- the walk --------------------------------------------------------------------------------- */

typedef struct walk {
    const cd_index_walk *shape;
    run_function *function;
    row_kind row;
    const int64_t *index;
    char *table, *values;
    int64_t element; /* bytes */
    int64_t inner;   /* values for each position of dimension 0 */
    int64_t piece;   /* positions of dimension 0 in a piece */
} walk;

/* Where the run at this position (of all dimensions but the last) begins. */
static void begin_run(const walk *w, const int64_t *position, run *r)
{
    const cd_index_walk *s = w->shape;
    int64_t in_index = 0, in_table = 0, in_values = 0;
    for (int i = 0; i < s->ndim; i++) {
        in_index += position[i] * s->index_stride[i];
        in_table += position[i] * s->table_stride[i];
        in_values += position[i] * s->value_stride[i];
    }
    r->index = w->index + in_index;
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
              .step = s->table_stride[last],
              .along = s->along,
              .index_step = s->index_stride[last],
              .value_step = s->value_stride[last] };
    const bool row = r.index_step == 0 && r.step != 0;
    int64_t runs = last == 0 ? 1 : left * w->inner / r.n;
    for (; runs > 0; runs--) {
        begin_run(w, position, &r);
        if (row) {
            run_row(&w->row, &r, w->element);
        } else {
            w->function(&r);
        }
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
               .row = { .loop = cd_cpu_convert_loop(dtype, dtype), .gathers = true },
               .index = index,
               .table = (char *)(uintptr_t)table,
               .values = values,
               .element = (int64_t)cd_dtype_size(dtype) };
    walk_all(&w, true);
}

void cd_cpu_scatter(cd_scatter how, cd_dtype dtype, const cd_index_walk *shape,
                    const int64_t *index, const void *values, void *table)
{
    walk w = { .shape = shape,
               .function = scatter_of[how][dtype],
               .row = row_of(how, dtype),
               .index = index,
               .table = table,
               .values = (char *)(uintptr_t)values,
               .element = (int64_t)cd_dtype_size(dtype) };
    /* Where the index alone says which element is meant, several values may meet in one. */
    walk_all(&w, shape->table_stride[0] != 0);
}

/* --- indices ---------------------------------------------------------------------------------- */

int64_t cd_cpu_first_outside(const int64_t *index, int64_t count, int64_t low, int64_t end)
{
    const uint64_t length = (uint64_t)end - (uint64_t)low;
    for (int64_t i = 0; i < count; i++) {
        if ((uint64_t)index[i] - (uint64_t)low >= length) return i;
    }
    return count;
}

void cd_cpu_index_offsets(int64_t count, const int64_t *index, int ndim, const int64_t *size,
                          const int64_t *stride, int64_t *offset)
{
    int64_t elements = 1;
    for (int d = 0; d < ndim; d++) elements *= size[d];
    for (int64_t i = 0; i < count; i++) {
        int64_t rest = index[i] < 0 ? index[i] + elements : index[i], sum = 0;
        for (int d = ndim - 1; d > 0; d--) {
            sum += rest % size[d] * stride[d];
            rest /= size[d];
        }
        offset[i] = ndim > 0 ? sum + rest * stride[0] : 0;
    }
}

void cd_cpu_index_join(int64_t count, int indices, const int64_t *size, const int64_t *const *index,
                       int64_t *y)
{
    memset(y, 0, (size_t)count * sizeof *y);
    for (int k = 0; k < indices; k++) {
        for (int64_t i = 0; i < count; i++) {
            y[i] = y[i] * size[k] + index[k][i] + (index[k][i] < 0 ? size[k] : 0);
        }
    }
}

void cd_cpu_one_hot(int64_t count, int64_t classes, const int64_t *index, int64_t *y)
{
    memset(y, 0, (size_t)(count * classes) * sizeof *y);
    for (int64_t i = 0; i < count; i++) y[i * classes + index[i]] = 1;
}
