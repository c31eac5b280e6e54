/* What unique and unique_consecutive share: distinct elements, or distinct parts along a dimension,
 * which are the rows of a matrix here.
 *
 * All of it is made of other ops. */
#include "autograd/families/distinct_internal.h"

#include "core/scope_internal.h"

/* --- order ------------------------------------------------------------------------------------ */

/* The order of the rows, by their first elements, among these by their second ones, and so on: rows
 * are sorted by the last column first, and each sort leaves equal elements as they were. */
static cd_tensor *order_of_rows(cd_tensor *table)
{
    const int64_t n = table->shape.dim[0];
    cd_tensor *order = cd_arange(n, .device = cd_tensor_device(table));
    for (int64_t c = table->shape.dim[1] - 1; c >= 0 && order; c--) {
        const cd_scope scope = cd_scope_begin();
        cd_tensor *column = cd_index_select(cd_select(table, 1, c), 0, order);
        order = cd_ops_end(scope, cd_index_select(order, 0, cd_argsort(column, 0)));
    }
    return order;
}

/* The table in order, and *order, by which it is so. */
static cd_tensor *in_order_of(const char *what, cd_tensor *table, cd_tensor **order)
{
    if (table->shape.ndim == 1) {
        return cd_sort_for(what, &(cd_sort_options){ .x = table, .indices = order });
    }
    *order = order_of_rows(table);
    return cd_index_select(table, 0, *order);
}

/* --- runs of equal elements ------------------------------------------------------------------- */

/* Whether each element or row differs from the one before; the first one does. */
static cd_tensor *begins_of(cd_tensor *table)
{
    const int64_t n = table->shape.dim[0];
    const cd_device device = cd_tensor_device(table);
    if (n == 0) return cd_zeros(CD_SHAPE(0), .dtype = CD_BOOL, .device = device);
    cd_tensor *differ = cd_ne(cd_narrow(table, 0, 1, n - 1), cd_narrow(table, 0, 0, n - 1));
    if (table->shape.ndim == 2) differ = cd_any(differ, .dims = CD_DIMS(1));
    cd_tensor *first = cd_ones(CD_SHAPE(1), .dtype = CD_BOOL, .device = device);
    return cd_cat(CD_TENSORS(first, differ), 0);
}

/* The number of the run in which each element or row of x is. */
static cd_tensor *inverse_of(cd_tensor *begins, cd_tensor *order)
{
    cd_tensor *run = cd_sub(cd_cumsum(begins, 0), 1);
    return order && run ? cd_index_copy(cd_zeros_like(run), 0, order, run) : run;
}

/* The lengths of the runs, which begin at these indices, of n elements. */
static cd_tensor *counts_of(cd_tensor *at, int64_t n)
{
    if (!at || at->numel == 0) return at;
    cd_tensor *end =
        cd_full(CD_SHAPE(1), (double)n, .dtype = CD_I64, .device = cd_tensor_device(at));
    return cd_sub(cd_cat(CD_TENSORS(cd_narrow(at, 0, 1, at->numel - 1), end), 0), at);
}

/* --- all -------------------------------------------------------------------------------------- */

static bool check_parts(const char *what, const cd_shape *x, int dim)
{
    char text[CD_SHAPE_TEXT];
    for (int i = 0; i < x->ndim; i++) {
        if (i != dim && x->dim[i] == 0) {
            return cd_fail(CD_ERR_SHAPE,
                           "%s: x has shape %s, so its parts along dimension %d are empty", what,
                           cd_sizes_text(x, text), dim);
        }
    }
    return true;
}

/* x as a vector, or as a matrix whose rows are the parts along a dimension. */
static cd_tensor *table_of(const char *what, const cd_unique_options *options, int *dim)
{
    cd_tensor *x = options->x;
    if (!options->by_dim) return cd_reshape(x, CD_SHAPE(-1));
    if (!cd_check_part(what, x, options->dim, dim) || !check_parts(what, &x->shape, *dim)) {
        return NULL;
    }
    const int64_t n = x->shape.dim[*dim];
    return cd_reshape(cd_movedim(x, CD_SHAPE(*dim), CD_SHAPE(0)),
                      CD_SHAPE(n, n == 0 ? 1 : x->numel / n));
}

/* The distinct rows as parts of a tensor of x's other sizes. */
static cd_tensor *parts_of(cd_tensor *rows, const cd_shape *x, int dim)
{
    cd_shape shape = { .ndim = 1, .dim = { rows ? rows->shape.dim[0] : 0 } };
    for (int i = 0; i < x->ndim; i++) {
        if (i != dim) shape.dim[shape.ndim++] = x->dim[i];
    }
    return cd_contiguous(cd_movedim(cd_reshape(rows, shape), CD_SHAPE(0), CD_SHAPE(dim)));
}

static cd_tensor *distinct_of(const char *what, const cd_unique_options *options, bool in_order,
                              cd_tensor *more[2])
{
    int dim = 0;
    cd_tensor *order = NULL, *x = options->x, *table = table_of(what, options, &dim);
    if (table && in_order) table = in_order_of(what, table, &order);
    cd_tensor *begins = table ? begins_of(table) : NULL;
    cd_tensor *at = begins ? cd_reshape(cd_nonzero(begins), CD_SHAPE(-1)) : NULL;
    if (options->inverse) more[0] = inverse_of(begins, order);
    if (options->inverse && !options->by_dim) more[0] = cd_reshape(more[0], x->shape);
    if (options->counts && table) more[1] = counts_of(at, table->shape.dim[0]);
    cd_tensor *rows = table ? cd_index_select(table, 0, at) : NULL;
    return options->by_dim ? parts_of(rows, &x->shape, dim) : rows;
}

cd_tensor *cd_distinct(const char *what, const cd_unique_options *options, bool in_order)
{
    cd_tensor *more[2] = { NULL, NULL };
    if (!cd_check_tensor(options->x, what, "x") ||
        !cd_check_not_captured(what, "the size of its result depends on elements")) {
        return NULL;
    }
    const cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    CD_NO_GRAD();
    cd_tensor *y = distinct_of(what, options, in_order, more);
    if (options->inverse && y) *options->inverse = cd_escape(more[0]);
    if (options->counts && y) *options->counts = cd_escape(more[1]);
    return cd_ops_end(scope, cd_ok() ? y : NULL);
}
