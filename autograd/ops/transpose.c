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

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_transpose(in[0], (int)p[0], (int)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 0, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0, 4)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)) }, { -2, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0, -1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_transpose(NULL, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_transpose(cd_zeros(CD_SHAPE(2, 3)), 0, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_transpose(cd_zeros(CD_SHAPE(2, 3)), -3, 1));
}

const cd_op cd_op_transpose = {
    .name = "transpose",
    .grad_fn = "TransposeBackward0",
    .like = "torch.transpose(x, dim0, dim1)",
    .formula = "y = x with two dimensions exchanged; a view",
    .gradient = "dx = dy with the same two exchanged",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
