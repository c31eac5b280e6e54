/* scatter_add: x, with the elements of src added at the positions that an index gives along one
 * dimension.
 *
 * The index is int64 or int32. It has as many dimensions as x and src, and is nowhere larger than
 * src, nor than x except along dim. Elements of src beyond the index are not used, and their
 * gradient is 0. Elements that are added at one position are added in the order of the index,
 * whatever the number of threads. In place, index and src may overlap x.
 *
 * Saves the index, for the gradient of src. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexing_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

/* --- the gradient ----------------------------------------------------------------------------- */

/* The gradient of src, from that of the part of src that the index used: zeros for the rest. */
static cd_tensor *grow(cd_tensor *taken, cd_shape src)
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

static void scatter_add_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    if (cd_wanted(node, CD_INDEXED)) dx[CD_INDEXED] = dy[0];
    if (!cd_wanted(node, CD_SRC)) return;
    const cd_shape shape = node->input[CD_SRC].shape;
    cd_tensor *index = cd_saved_value(node, 0);
    if (!index) return;
    dx[CD_SRC] = index->numel > 0
                     ? grow(cd_gather(dy[0], a->dim, index), shape)
                     : cd_zeros(shape, .dtype = dy[0]->dtype, .device = cd_tensor_device(dy[0]));
}

/* --- the op ----------------------------------------------------------------------------------- */

static bool check_src(const cd_call *call)
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

static bool scatter_add_infer(cd_call *call)
{
    cd_dim_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_INDEXED].tensor;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    if (!check_src(call) || !cd_infer_index(call, a->dim)) return false;
    call->need[CD_SRC].apart = CD_APART;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

static void scatter_add_run(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[CD_INDEXED], *index = &launch->in[CD_INDEX];
    const cd_array *src = &launch->in[CD_SRC], *y = &launch->out[0];
    (void)cd_cpu_start_from(y, x);
    if (index->layout->numel == 0) return;
    cd_index_walk walk = cd_index_walk_of(index->layout, a->dim, y->layout, src->layout);
    cd_cpu_scatter_add(y->layout->dtype, &walk, index->data, src->data, y->data);
}

cd_tensor *cd_scatter_add(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_scatter_add, &a, x, index, src);
}

cd_tensor *cd_scatter_add_(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_in_place_with(&cd_op_scatter_add, &a, x, index, src);
}

const cd_op cd_op_scatter_add = {
    .name = "scatter_add",
    .in_place_name = "scatter_add_",
    .grad_fn = "ScatterAddBackward0",
    .like = "x.scatter_add(dim, index, src)",
    .formula = "y = x, with y[.., index[.., j, ..], ..] += src[.., j, ..] along one dimension",
    .gradient = "dx = dy, dsrc = dy gathered by the index, 0 for what of src is beyond the index",
    .dtypes = "all, the same for x and src; the index is int64 or int32",
    .inputs = 3,
    .input = { "x", "index", "src" },
    .save = { { CD_INPUT, CD_INDEX, CD_SET(CD_SRC) } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = scatter_add_infer,
    .refuse = cd_refuse_index_range,
    .cpu = { .check = cd_check_index_range, .run = scatter_add_run },
    .backward = scatter_add_backward,
};
