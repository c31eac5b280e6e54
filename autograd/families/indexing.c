/* What gather, scatter and scatter_add share: an index along one dimension. */
#include "autograd/families/indexing_internal.h"

#include <string.h>

#include "autograd/ops_internal.h"

cd_shape cd_as_vector(cd_shape shape)
{
    return shape.ndim > 0 ? shape : (cd_shape){ .ndim = 1, .dim = { 1 } };
}

/* --- infer ------------------------------------------------------------------------------------ */

bool cd_index_fits(const cd_tensor *index, const cd_tensor *x, int dim)
{
    static const cd_shape one = { .ndim = 1, .dim = { 1 } };
    const cd_shape *whole = x->shape.ndim > 0 ? &x->shape : &one;
    const cd_shape *part = index->shape.ndim > 0 ? &index->shape : &one;
    if (index->numel == 0) return true;
    for (int i = 0; i < part->ndim && i < whole->ndim; i++) {
        if (i != dim && part->dim[i] > whole->dim[i]) return false;
    }
    return part->ndim == whole->ndim;
}

static __attribute__((noinline, cold)) bool refuse_shape(const cd_call *call, int dim)
{
    char text_x[CD_SHAPE_TEXT], text_index[CD_SHAPE_TEXT];
    return cd_refuse(call, CD_ERR_SHAPE,
                     "the index (%s) must have as many dimensions as x (%s), and be no larger but "
                     "along dimension %d",
                     cd_sizes_text(&call->in[CD_INDEX].tensor->shape, text_index),
                     cd_sizes_text(&call->in[CD_INDEXED].tensor->shape, text_x), dim);
}

bool cd_infer_index(cd_call *call, int dim)
{
    const cd_tensor *x = call->in[CD_INDEXED].tensor, *index = call->in[CD_INDEX].tensor;
    const bool is_empty = index->numel == 0 && !cd_dtype_is_floating(index->dtype);
    if (index->dtype != CD_I64 && index->dtype != CD_I32 && !is_empty) {
        return cd_refuse(call, CD_ERR_DTYPE, "the index is %s, and must be int64 or int32",
                         cd_dtype_name(index->dtype));
    }
    if (!cd_index_fits(index, x, dim)) return refuse_shape(call, dim);
    call->need[CD_INDEX] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR, .apart = CD_APART };
    return true;
}

bool cd_check_src(const cd_call *call)
{
    const cd_tensor *x = call->in[CD_INDEXED].tensor, *src = call->in[CD_SRC].tensor;
    const cd_tensor *index = call->in[CD_INDEX].tensor;
    if (src->dtype != x->dtype) {
        return cd_refuse(call, CD_ERR_DTYPE, "src is %s, and x %s: they must be of one dtype",
                         cd_dtype_name(src->dtype), cd_dtype_name(x->dtype));
    }
    char text_src[CD_SHAPE_TEXT], text_index[CD_SHAPE_TEXT];
    return cd_index_fits(index, src, -1) ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "the index (%s) must have as many dimensions as src (%s), and be no "
                     "larger",
                     cd_sizes_text(&index->shape, text_index),
                     cd_sizes_text(&src->shape, text_src));
}

bool cd_infer_scatter(cd_call *call)
{
    cd_dim_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_INDEXED].tensor;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    if (!cd_check_src(call) || !cd_infer_index(call, a->dim)) return false;
    call->need[CD_SRC].apart = CD_APART;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

/* --- values ----------------------------------------------------------------------------------- */

static int64_t size_along(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_shape *shape = &launch->in[CD_INDEXED].layout->shape;
    return shape->ndim > 0 ? shape->dim[a->dim] : 1;
}

bool cd_check_indices_from(const cd_array *indices, int64_t low, int64_t size, cd_fault *fault)
{
    const int64_t *values = indices->data, count = indices->layout->numel;
    fault->position = cd_cpu_first_outside(values, count, low, size);
    if (fault->position == count) return true;
    fault->integer = values[fault->position];
    return false;
}

bool cd_check_indices(const cd_array *indices, int64_t size, cd_fault *fault)
{
    return cd_check_indices_from(indices, 0, size, fault);
}

bool cd_check_index_range(const cd_launch *launch, cd_fault *fault)
{
    return cd_check_indices(&launch->in[CD_INDEX], size_along(launch), fault);
}

bool cd_refuse_index_range(cd_call *call, const cd_fault *fault)
{
    const cd_dim_attributes *a = call->launch.attributes;
    const int64_t size = size_along(&call->launch);
    if (size == 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "index %lld (at position %lld) is out of range: dimension %d is empty",
                         (long long)fault->integer, (long long)fault->position, a->dim);
    }
    return cd_refuse(
        call, CD_ERR_ARGUMENT,
        "index %lld (at position %lld) is out of range: along dimension %d of size %lld "
        "it must be 0 to %lld",
        (long long)fault->integer, (long long)fault->position, a->dim, (long long)size,
        (long long)size - 1);
}

/* --- run -------------------------------------------------------------------------------------- */

cd_index_walk cd_index_walk_of(const cd_layout *index, int dim, const cd_layout *table,
                               const cd_layout *values)
{
    cd_index_walk walk = { .ndim = 1, .size = { 1 } };
    if (index->shape.ndim == 0) return walk;
    walk.ndim = index->shape.ndim;
    memcpy(walk.size, index->shape.dim, sizeof walk.size);
    cd_contiguous_strides(index->shape, walk.index_stride);
    memcpy(walk.table_stride, table->stride, sizeof walk.table_stride);
    memcpy(walk.value_stride, values->stride, sizeof walk.value_stride);
    walk.along = walk.table_stride[dim];
    walk.table_stride[dim] = 0;
    return walk;
}

/* --- gradients -------------------------------------------------------------------------------- */

cd_tensor *cd_grow_used(cd_tensor *taken, cd_shape src)
{
    cd_shape whole = cd_as_vector(src), shape = cd_as_vector(cd_shape_of(taken));
    cd_tensor *dx = taken ? cd_reshape(taken, shape) : NULL;
    for (int i = 0; i < whole.ndim && dx; i++) {
        int64_t length = shape.dim[i];
        if (length == whole.dim[i]) continue;
        shape.dim[i] = whole.dim[i];
        dx = cd_slice_backward(dx, shape, i, 0, length, 1);
    }
    return cd_reshape(dx, src);
}

cd_tensor *cd_gather_grown(cd_tensor *dy, int dim, cd_tensor *index, cd_shape src)
{
    if (!index) return NULL;
    return index->numel > 0 ? cd_grow_used(cd_gather(dy, dim, index), src)
                            : cd_zeros(src, .dtype = dy->dtype, .device = cd_tensor_device(dy));
}
