/* What tril_indices and triu_indices share. In row i the part on and below the diagonal ends before
 * column i + offset + 1, cut to the matrix; the part on and above the next diagonal begins
 * there. */
#include "autograd/families/triangle_indices_internal.h"

#include "core/cpu/typed_internal.h"

const cd_field cd_triangle_indices_fields[] = {
    CD_FIELD(cd_triangle_indices_attributes, rows, INTEGER),
    CD_FIELD(cd_triangle_indices_attributes, columns, INTEGER),
    CD_FIELD(cd_triangle_indices_attributes, offset, INTEGER), CD_FIELDS_END
};

static int64_t cut(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* The first row that has an element on or below the diagonal. */
static int64_t first_row(int64_t rows, int64_t offset)
{
    return offset <= -rows ? rows : offset < 0 ? -offset : 0;
}

/* How many elements are on and below the diagonal. rows x columns can be counted. Without the two
 * cases in front sums could overflow. */
static int64_t count_below(int64_t rows, int64_t columns, int64_t offset)
{
    if (offset <= -rows) return 0;
    if (offset >= columns - 1) return rows * columns;
    const int64_t first = first_row(rows, offset);
    const int64_t full = cut(columns - offset - 1, first, rows); /* the first that has all */
    const int64_t growing = full - first;
    const int64_t shortest = first + offset + 1; /* of those that grow, each by 1 */
    return growing * shortest + growing * (growing - 1) / 2 + (rows - full) * columns;
}

cd_tensor *cd_make_triangle_indices(const cd_op *op, const cd_triangle_options *o, bool upper)
{
    int64_t all;
    cd_triangle_indices_attributes a = { .made = { .dtype = o->dtype ? o->dtype : CD_I64,
                                                   .device = o->device },
                                         .rows = o->rows,
                                         .columns = o->columns,
                                         .offset = o->offset,
                                         .upper = upper };
    if (o->rows < 0 || o->columns < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %lld rows and %lld columns: 0 or more", op->name,
                      (long long)o->rows, (long long)o->columns);
        return NULL;
    }
    if (__builtin_mul_overflow(o->rows, o->columns, &all)) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "%s: %lld rows and %lld columns are more elements than can be counted",
                      op->name, (long long)o->rows, (long long)o->columns);
        return NULL;
    }
    return cd_make(op, op->name, NULL, &a, NULL);
}

bool cd_infer_triangle_indices(cd_call *call)
{
    cd_triangle_indices_attributes *a = call->launch.attributes;
    if (a->made.dtype != CD_I64 && a->made.dtype != CD_I32) {
        return cd_refuse(call, CD_ERR_DTYPE, "the indices are int64 or int32, not %s",
                         cd_dtype_name(a->made.dtype));
    }
    /* A triangle beyond the matrix is as one at its edge; and offset - 1 must not overflow. */
    a->offset = cut(a->offset, -a->rows, a->columns);
    const int64_t below = count_below(a->rows, a->columns, a->offset - a->upper);
    const cd_shape shape = { .ndim = 2,
                             .dim = { 2, a->upper ? a->rows * a->columns - below : below } };
    return cd_infer_made(call, &shape);
}

/* From the first row that has an element to the last: there may be many more rows. */
#define FILL(suffix_, type_)                                                                       \
    static void fill_##suffix_(const cd_triangle_indices_attributes *a, int64_t n, void *data)     \
    {                                                                                              \
        type_ *row = data, *column = row + n;                                                      \
        const type_ *const all = column;                                                           \
        for (int64_t i = a->upper ? 0 : first_row(a->rows, a->offset); row < all; i++) {           \
            const int64_t end = cut(i + a->offset + !a->upper, 0, a->columns);                     \
            const int64_t to = a->upper ? a->columns : end;                                        \
            for (int64_t j = a->upper ? end : 0; j < to; j++) {                                    \
                *row++ = (type_)i;                                                                 \
                *column++ = (type_)j;                                                              \
            }                                                                                      \
        }                                                                                          \
    }
FILL(i64, int64_t)
FILL(i32, int32_t)

void cd_run_triangle_indices(const cd_launch *launch)
{
    typedef void fill(const cd_triangle_indices_attributes *, int64_t, void *);
    static fill *const of[CD_DTYPE_COUNT] = { [CD_I64] = fill_i64, [CD_I32] = fill_i32 };
    const cd_array *y = &launch->out[0];
    of[y->layout->dtype](launch->attributes, y->layout->shape.dim[1], y->data);
}
