/* take_along_dim: gather, with x and index broadcast except along the dimension, and negative
 * indices that count from the end. Made of other ops. */
#include "autograd/index_ops.h"
#include "autograd/ops_internal.h"

/* Both shapes, broadcast to each other except along dim. False with an error. */
static bool broadcast(const cd_tensor *x, const cd_tensor *index, int dim, cd_shape *whole,
                      cd_shape *part)
{
    char text[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    cd_shape a = x->shape, b = index->shape, both;
    bool fits = a.ndim == b.ndim;
    if (fits && a.ndim > 0) {
        a.dim[dim] = b.dim[dim] = 1;
        fits = cd_shape_broadcast(a, b, &both);
    }
    if (!fits) {
        return cd_fail(CD_ERR_SHAPE,
                       "take_along_dim: the index (%s) and x (%s) do not broadcast except along "
                       "dimension %d",
                       cd_sizes_text(&index->shape, text), cd_sizes_text(&x->shape, text_x), dim);
    }
    *whole = *part = a.ndim > 0 ? both : a;
    if (a.ndim > 0) whole->dim[dim] = x->shape.dim[dim];
    if (a.ndim > 0) part->dim[dim] = index->shape.dim[dim];
    return true;
}

static cd_tensor *take(cd_tensor *x, cd_tensor *index, int dim)
{
    cd_shape whole, part;
    if (!broadcast(x, index, dim, &whole, &part)) return NULL;
    const int64_t size = x->shape.ndim > 0 ? x->shape.dim[dim] : 1;
    cd_tensor *plain = cd_where(cd_lt(index, 0), cd_add(index, size), index);
    return cd_gather_for("take_along_dim", cd_expand(x, whole), dim, cd_expand(plain, part));
}

cd_tensor *cd_take_along_dim(cd_tensor *x, cd_tensor *index, int dim)
{
    int plain = 0;
    if (!cd_check_tensor(x, "take_along_dim", "x") ||
        !cd_check_tensor(index, "take_along_dim", "index") ||
        !cd_wrap_dim("take_along_dim", x->shape.ndim, dim, &plain)) {
        return NULL;
    }
    if (index->dtype != CD_I64) {
        (void)cd_fail(CD_ERR_DTYPE, "take_along_dim: the index is %s, and must be int64",
                      cd_dtype_name(index->dtype));
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, take(x, index, plain));
}

const cd_op cd_op_take_along_dim = {
    .name = "take_along_dim",
    .like = "torch.take_along_dim(x, index, dim)",
    .formula = "y[.., j, ..] = x[.., index[.., j, ..], ..] along one dimension, broadcast",
    .gradient = "that of gather",
    .dtypes = "all; the index is int64",
    .composed = true,
};
