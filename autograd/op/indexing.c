/* What gather and scatter_add share: an index along one dimension. */
#include "autograd/op/indexing_internal.h"

cd_shape cd_as_vector(cd_shape shape)
{
    return shape.ndim > 0 ? shape : (cd_shape){ .ndim = 1, .dim = { 1 } };
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool check_shape(const cd_call *call, cd_shape x, int dim, cd_shape index)
{
    cd_shape whole = cd_as_vector(x), part = cd_as_vector(index);
    bool fits = whole.ndim == part.ndim;
    for (int i = 0; i < whole.ndim && fits; i++) {
        fits = i == dim || part.dim[i] <= whole.dim[i];
    }
    char text_x[CD_SHAPE_TEXT], text_index[CD_SHAPE_TEXT];
    return fits || cd_refuse(call, CD_ERR_SHAPE,
                             "the index (%s) must have as many dimensions as x (%s), and be no "
                             "larger but along dimension %d",
                             cd_shape_text(index, text_index), cd_shape_text(x, text_x), dim);
}

bool cd_infer_index(cd_call *call, int dim)
{
    const cd_tensor *x = call->in[CD_INDEXED].tensor, *index = call->in[CD_INDEX].tensor;
    if (index->dtype != CD_I64 && index->dtype != CD_I32) {
        return cd_refuse(call, CD_ERR_DTYPE, "the index is %s, and must be int64 or int32",
                         cd_dtype_name(index->dtype));
    }
    if (index->numel > 0 && !check_shape(call, x->shape, dim, index->shape)) return false;
    call->need[CD_INDEX] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR, .apart = CD_APART };
    return true;
}

/* --- values ----------------------------------------------------------------------------------- */

static int64_t size_along(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    return cd_as_vector(launch->in[CD_INDEXED].layout->shape).dim[a->dim];
}

bool cd_check_index_range(const cd_launch *launch, cd_fault *fault)
{
    const int64_t *at = launch->in[CD_INDEX].data;
    const int64_t count = launch->in[CD_INDEX].layout->numel;
    fault->place = cd_cpu_first_outside(at, count, size_along(launch));
    if (fault->place == count) return true;
    fault->integer = at[fault->place];
    return false;
}

bool cd_refuse_index_range(cd_call *call, const cd_fault *fault)
{
    const cd_dim_attributes *a = call->launch.attributes;
    const int64_t size = size_along(&call->launch);
    if (size == 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "index %lld (at place %lld) is out of range: dimension %d is empty",
                         (long long)fault->integer, (long long)fault->place, a->dim);
    }
    return cd_refuse(call, CD_ERR_ARGUMENT,
                     "index %lld (at place %lld) is out of range: along dimension %d of size %lld "
                     "it must be 0 to %lld",
                     (long long)fault->integer, (long long)fault->place, a->dim, (long long)size,
                     (long long)size - 1);
}

/* --- run -------------------------------------------------------------------------------------- */

cd_index_walk cd_index_walk_of(const cd_layout *index, int dim, const cd_layout *table,
                               const cd_layout *values)
{
    cd_shape shape = cd_as_vector(index->shape);
    cd_index_walk walk = { .ndim = shape.ndim, .dim = dim };
    for (int i = 0; i < shape.ndim; i++) {
        walk.size[i] = shape.dim[i];
        walk.table_stride[i] = i < table->shape.ndim ? table->stride[i] : 0;
        walk.value_stride[i] = i < values->shape.ndim ? values->stride[i] : 0;
    }
    return walk;
}
