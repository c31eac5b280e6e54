/* stack: tensors of one shape, side by side along a new dimension. Their dtypes are promoted to
 * one, as by torch.result_type.
 *
 * Saves nothing. Kernel: core/cpu/copy.c. */
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

static void stack_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    for (int k = 0; k < node->edges; k++) {
        if (cd_wanted(node, k)) dx[k] = cd_select(dy[0], a->dim, k);
    }
}

static bool stack_check(const cd_call *call, int *dim)
{
    char own[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_shape first = call->in[0].tensor->shape;
    for (int k = 1; k < call->inputs; k++) {
        cd_shape shape = call->in[k].tensor->shape;
        if (cd_shape_equal(shape, first)) continue;
        return cd_refuse(call, CD_ERR_SHAPE,
                         "tensor %d has shape %s, and tensor 0 %s: all must have one shape", k,
                         cd_sizes_text(&shape, own), cd_sizes_text(&first, other));
    }
    if (first.ndim == CD_MAX_DIMS) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the tensors (%s) have %d dimensions, and one more are too many",
                         cd_sizes_text(&first, own), CD_MAX_DIMS);
    }
    return cd_wrap_dim(call->name, first.ndim + 1, *dim, dim);
}

static bool stack_infer(cd_call *call)
{
    cd_dim_attributes *a = call->launch.attributes;
    if (!stack_check(call, &a->dim)) return false;
    cd_shape shape = call->in[0].tensor->shape;
    for (int i = shape.ndim++; i > a->dim; i--) shape.dim[i] = shape.dim[i - 1];
    shape.dim[a->dim] = call->inputs;
    call->out[0].dtype = cd_inputs_type(call);
    call->out[0].shape = shape;
    return true;
}

static void stack_run(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *y = &launch->out[0];
    const int64_t *whole = y->layout->stride;
    int64_t stride[CD_MAX_DIMS] = { 0 };
    for (int i = 0; i + 1 < y->layout->shape.ndim; i++) stride[i] = whole[i < a->dim ? i : i + 1];
    for (int k = 0; k < launch->inputs; k++) {
        cd_cpu_copy_into(y, stride, k * whole[a->dim], &launch->in[k]);
    }
}

cd_tensor *cd_stack(cd_tensors tensors, int dim)
{
    cd_dim_attributes a = { dim };
    return cd_op_variadic(&cd_op_stack, &a, tensors);
}

const cd_op cd_op_stack = {
    .name = "stack",
    .grad_fn = "StackBackward0",
    .like = "torch.stack(tensors, dim)",
    .formula = "y = the tensors side by side along a new dimension",
    .gradient = "dx[k] = dy at index k of that dimension",
    .dtypes = "all, promoted to one",
    .variadic = true,
    .input = { "tensor" },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = stack_infer,
    .cpu = { .run = stack_run },
    .backward = stack_backward,
};
