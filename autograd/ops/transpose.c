/* autograd/ops/transpose.c
 *
 *   y = x with two dimensions exchanged          dx = dy with the same two exchanged
 *
 * A view. Keeps the two dimensions. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_transpose(dy[0], (int)node->parameters.i[0], (int)node->parameters.i[1]);
}

cd_tensor *cd_op_exchange(const cd_op *op, cd_tensor *x, int dim0, int dim1)
{
    cd_call call;
    if (!cd_op_begin(&call, op, x)) return NULL;
    int a, b;
    if (!cd_plain_dim(op->name, x->shape.ndim, dim0, &a) ||
        !cd_plain_dim(op->name, x->shape.ndim, dim1, &b)) {
        return NULL;
    }
    cd_shape shape = x->shape;
    int64_t stride[CD_MAX_DIMS];
    for (int i = 0; i < shape.ndim; i++) stride[i] = x->stride[i];
    if (shape.ndim > 0) {
        shape.dim[a] = x->shape.dim[b];
        shape.dim[b] = x->shape.dim[a];
        stride[a] = x->stride[b];
        stride[b] = x->stride[a];
    }
    call.parameters.i[0] = a;
    call.parameters.i[1] = b;
    (void)cd_op_output_view(&call, x, shape, stride, x->offset);
    return cd_op_end(&call);
}

cd_tensor *cd_transpose(cd_tensor *x, int dim0, int dim1)
{
    return cd_op_exchange(&cd_op_transpose, x, dim0, dim1);
}

const cd_op cd_op_transpose = {
    .name = "transpose",
    .grad_fn = "TransposeBackward0",
    .like = "torch.transpose(x, dim0, dim1)",
    .formula = "y = x with two dimensions exchanged; a view",
    .gradient = "dx = dy with the same two exchanged",
    .dtypes = "all",
    .backward = backward,
};
