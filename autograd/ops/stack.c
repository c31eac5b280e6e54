/* autograd/ops/stack.c
 *
 *   y = the tensors one after the other along a new dimension          dx[k] = dy at k of it
 *
 * All are of one shape; the dtypes meet as in torch.result_type. Keeps dim in i[0], saves nothing.
 */
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    for (int k = 0; k < node->edges; k++) {
        if (cd_wanted(node, k)) dx[k] = cd_select(dy[0], (int)node->parameters->i[0], k);
    }
}

static bool check(cd_old_call *call, int dim, int *plain)
{
    char own[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    cd_shape first = call->input[0]->shape;
    for (int k = 1; k < call->inputs; k++) {
        cd_shape shape = call->input[k]->shape;
        if (cd_shape_equal(shape, first)) continue;
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "tensor %d has shape %s, and tensor 0 %s: all must have one shape", k,
                          cd_shape_text(shape, own), cd_shape_text(first, other));
    }
    if (first.ndim == CD_MAX_DIMS) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "the tensors (%s) have %d dimensions, and one more are too many",
                          cd_shape_text(first, own), CD_MAX_DIMS);
    }
    return cd_plain_dim("stack", first.ndim + 1, dim, plain);
}

cd_tensor *cd_stack(cd_tensors tensors, int dim)
{
    cd_old_call call;
    if (!cd_check_tensors("stack", tensors) ||
        !cd_op_begin_n(&call, &cd_op_stack, tensors.count, tensors.tensor) ||
        !check(&call, dim, &dim)) {
        return NULL;
    }
    cd_shape shape = tensors.tensor[0]->shape;
    for (int i = shape.ndim++; i > dim; i--) shape.dim[i] = shape.dim[i - 1];
    shape.dim[dim] = tensors.count;
    cd_tensor *y = cd_op_output(&call, cd_tensors_type(tensors), shape);
    for (int k = 0; y && k < tensors.count; k++) {
        int64_t stride[CD_MAX_DIMS] = { 0 };
        for (int i = 0; i + 1 < shape.ndim; i++) stride[i] = y->stride[i < dim ? i : i + 1];
        cd_copy_into(y, stride, k * y->stride[dim], tensors.tensor[k]);
    }
    call.parameters.i[0] = dim;
    return cd_op_end(&call);
}

const cd_op cd_op_stack = {
    .name = "stack",
    .grad_fn = "StackBackward0",
    .like = "torch.stack(tensors, dim)",
    .formula = "y = the tensors one after the other along a new dimension",
    .gradient = "dx[k] = dy at k of that dimension",
    .dtypes = "all, which meet in one",
    .backward = backward,
};
