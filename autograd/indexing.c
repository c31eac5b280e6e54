#include "autograd/indexing_internal.h"

#include "autograd/ops_internal.h"

/* A scalar counts as a vector of one element, as in PyTorch. */
static cd_shape as_vector(cd_shape shape)
{
    return shape.ndim > 0 ? shape : (cd_shape){ .ndim = 1, .dim = { 1 } };
}

static bool check_shape(cd_old_call *call, cd_shape x, int dim, cd_shape index)
{
    cd_shape whole = as_vector(x), part = as_vector(index);
    bool fits = whole.ndim == part.ndim;
    for (int i = 0; i < whole.ndim && fits; i++) {
        fits = i == dim || part.dim[i] <= whole.dim[i];
    }
    char text_x[CD_SHAPE_TEXT], text_index[CD_SHAPE_TEXT];
    return fits || cd_op_fail(call, CD_ERR_SHAPE,
                              "the index (%s) must have as many dimensions as x (%s), and be no "
                              "larger but along dimension %d",
                              cd_shape_text(index, text_index), cd_shape_text(x, text_x), dim);
}

static bool check_range(cd_old_call *call, const cd_tensor *index, int dim, int64_t size)
{
    const int64_t *at = cd_indices(index);
    int64_t place = cd_cpu_first_outside(at, index->numel, size);
    if (place == index->numel) return true;
    if (size == 0) {
        return cd_op_fail(call, CD_ERR_ARGUMENT,
                          "index %lld (at place %lld) is out of range: dimension %d is empty",
                          (long long)at[place], (long long)place, dim);
    }
    return cd_op_fail(call, CD_ERR_ARGUMENT,
                      "index %lld (at place %lld) is out of range: along dimension %d of size %lld "
                      "it must be 0 to %lld",
                      (long long)at[place], (long long)place, dim, (long long)size,
                      (long long)size - 1);
}

cd_tensor *cd_op_checked_index(cd_old_call *call, const cd_tensor *x, int dim, cd_tensor *index)
{
    if (call->failed) return NULL;
    if (index->dtype != CD_I64 && index->dtype != CD_I32) {
        (void)cd_op_fail(call, CD_ERR_DTYPE, "the index is %s, and must be int64 or int32",
                         cd_dtype_name(index->dtype));
        return NULL;
    }
    if (index->numel > 0 && !check_shape(call, x->shape, dim, index->shape)) return NULL;
    bool written = call->in_place && index->storage == x->storage;
    cd_tensor *at = written ? cd_op_copy(call, index, CD_I64)
                            : cd_op_contiguous(call, cd_op_as(call, index, CD_I64));
    if (!at) return NULL;
    return check_range(call, at, dim, as_vector(x->shape).dim[dim]) ? at : NULL;
}

cd_index_walk cd_index_walk_of(cd_shape index, int dim, const cd_tensor *table,
                               const cd_tensor *values)
{
    cd_shape shape = as_vector(index);
    cd_index_walk walk = { .ndim = shape.ndim, .dim = dim };
    for (int i = 0; i < shape.ndim; i++) {
        walk.size[i] = shape.dim[i];
        walk.table_stride[i] = i < table->shape.ndim ? table->stride[i] : 0;
        walk.value_stride[i] = i < values->shape.ndim ? values->stride[i] : 0;
    }
    return walk;
}

/* --- scatter_add ------------------------------------------------------------------------------ */

cd_tensor *cd_op_checked_scatter(cd_old_call *call, const cd_tensor *x, int dim, cd_tensor *index,
                                 const cd_tensor *src)
{
    if (src->dtype != x->dtype) {
        (void)cd_op_fail(call, CD_ERR_DTYPE, "src is %s, and x %s: they must be of one dtype",
                         cd_dtype_name(src->dtype), cd_dtype_name(x->dtype));
        return NULL;
    }
    cd_shape whole = as_vector(src->shape), part = as_vector(index->shape);
    bool fits = index->numel == 0 || whole.ndim == part.ndim;
    for (int i = 0; i < part.ndim && fits && index->numel > 0; i++) {
        fits = part.dim[i] <= whole.dim[i];
    }
    if (fits) return cd_op_checked_index(call, x, dim, index);
    char text_src[CD_SHAPE_TEXT], text_index[CD_SHAPE_TEXT];
    (void)cd_op_fail(call, CD_ERR_SHAPE,
                     "the index (%s) must have as many dimensions as src (%s), and be no larger",
                     cd_shape_text(index->shape, text_index), cd_shape_text(src->shape, text_src));
    return NULL;
}

void cd_scatter_into(cd_tensor *to, int dim, const cd_tensor *index, const cd_tensor *src)
{
    if (index->numel == 0) return;
    cd_index_walk walk = cd_index_walk_of(index->shape, dim, to, src);
    cd_cpu_scatter_add(to->dtype, &walk, cd_indices(index), cd_tensor_data(src),
                       cd_tensor_data(to));
}

/* The gradient of what the index took of src, with zeros for the rest. */
static cd_tensor *grow(cd_tensor *taken, cd_shape src)
{
    cd_shape whole = as_vector(src), shape = as_vector(cd_shape_of(taken));
    cd_tensor *dx = taken ? cd_reshape(taken, shape) : NULL;
    for (int i = 0; i < whole.ndim && dx; i++) {
        int64_t length = shape.dim[i];
        if (length == whole.dim[i]) continue;
        shape.dim[i] = whole.dim[i];
        dx = cd_slice_backward(dx, shape, i, 0, length, 1);
    }
    return cd_reshape(dx, src);
}

void cd_scatter_add_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = dy[0];
    if (!cd_wanted(node, 2)) return;
    cd_shape shape = cd_input_shape(node, 2);
    cd_tensor *index = cd_saved_value(node, 0);
    if (!index) return;
    dx[2] = index->numel > 0 ? grow(cd_gather(dy[0], (int)node->parameters->i[0], index), shape)
                             : cd_zeros(shape, .dtype = dy[0]->dtype);
}
