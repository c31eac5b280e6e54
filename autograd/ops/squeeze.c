/* autograd/ops/squeeze.c
 *
 *   y = x without a dimension of size 1          dx = dy with it
 *
 * A view; of x as it is when the size is not 1. Keeps the dimension in i[0], and in i[1] whether it
 * was taken out. */
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = node->parameters.i[1] ? cd_unsqueeze(dy[0], (int)node->parameters.i[0]) : dy[0];
}

static cd_tensor *squeeze(const cd_op *op, cd_tensor *x, int dim)
{
    cd_call call;
    int plain = 0;
    if (!cd_op_begin(&call, op, x) || !cd_plain_dim("squeeze", x->shape.ndim, dim, &plain)) {
        return NULL;
    }
    bool taken = x->shape.ndim > 0 && x->shape.dim[plain] == 1;
    cd_shape shape = { .ndim = 0 };
    int64_t stride[CD_MAX_DIMS];
    for (int i = 0; i < x->shape.ndim; i++) {
        if (taken && i == plain) continue;
        stride[shape.ndim] = x->stride[i];
        shape.dim[shape.ndim++] = x->shape.dim[i];
    }
    call.parameters.i[0] = plain;
    call.parameters.i[1] = taken;
    (void)cd_op_output_view(&call, x, shape, stride, x->offset);
    return cd_op_end(&call);
}

cd_tensor *cd_squeeze(cd_tensor *x, int dim)
{
    return squeeze(&cd_op_squeeze, x, dim);
}

cd_tensor *cd_squeeze_product(cd_tensor *x, int dim)
{
    /* squeeze_ in PyTorch, and called so there */
    static const cd_op in_place = { .name = "squeeze",
                                    .grad_fn = "SqueezeBackward4",
                                    .backward = backward };
    cd_tensor *y = squeeze(&in_place, x, dim);
    if (y) cd_view_forget(y);
    return y;
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_squeeze(in[0], (int)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1, 2)) }, { -2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1)) }, { 0 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(1, 3, 2)), 0, 2) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_squeeze(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_squeeze(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_squeeze(x, -3));
}

const cd_op cd_op_squeeze = {
    .name = "squeeze",
    .grad_fn = "SqueezeBackward1",
    .like = "torch.squeeze(x, dim)",
    .formula = "y = x without a dimension of size 1; a view",
    .gradient = "dx = dy with it",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
