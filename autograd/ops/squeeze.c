/* autograd/ops/squeeze.c
 *
 *   y = x without a dimension of size 1          dx = dy with it
 *
 * A view; of x as it is when the size is not 1. Keeps the dimension in i[0], and in i[1] whether it
 * was taken out. */
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = node->parameters->i[1] ? cd_unsqueeze(dy[0], (int)node->parameters->i[0]) : dy[0];
}

static cd_tensor *squeeze(const cd_op *op, cd_tensor *x, int dim)
{
    cd_old_call call;
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

const cd_op cd_op_squeeze = {
    .name = "squeeze",
    .grad_fn = "SqueezeBackward1",
    .like = "torch.squeeze(x, dim)",
    .formula = "y = x without a dimension of size 1; a view",
    .gradient = "dx = dy with it",
    .dtypes = "all",
    .backward = backward,
};
