/* autograd/ops/unsqueeze.c
 *
 *   y = x with a size of 1 before dimension dim          dx = dy without it
 *
 * A view; dim goes from -ndim - 1 to ndim. Keeps it in i[0]. */
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_squeeze(dy[0], (int)node->parameters->i[0]);
}

static bool place(cd_old_call *call, const cd_tensor *x, int dim, int *plain)
{
    int ndim = x->shape.ndim;
    char text[CD_SHAPE_TEXT];
    if (ndim == CD_MAX_DIMS) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "the tensor has shape %s, and there are at most %d dimensions",
                          cd_shape_text(x->shape, text), CD_MAX_DIMS);
    }
    if (dim < -ndim - 1 || dim > ndim) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "dimension %d is out of range: into a tensor of shape %s a new "
                          "one goes at %d to %d",
                          dim, cd_shape_text(x->shape, text), -ndim - 1, ndim);
    }
    *plain = dim < 0 ? dim + ndim + 1 : dim;
    return true;
}

cd_tensor *cd_unsqueeze(cd_tensor *x, int dim)
{
    cd_old_call call;
    int plain = 0;
    if (!cd_op_begin(&call, &cd_op_unsqueeze, x) || !place(&call, x, dim, &plain)) return NULL;
    cd_shape shape = { .ndim = x->shape.ndim + 1 };
    int64_t stride[CD_MAX_DIMS];
    for (int i = 0; i < shape.ndim; i++) {
        int own = i < plain ? i : i - 1;
        shape.dim[i] = i == plain ? 1 : x->shape.dim[own];
        stride[i] = i != plain               ? x->stride[own]
                    : plain == x->shape.ndim ? 1
                                             : x->shape.dim[plain] * x->stride[plain];
    }
    call.parameters.i[0] = plain;
    (void)cd_op_output_view(&call, x, shape, stride, x->offset);
    return cd_op_end(&call);
}

const cd_op cd_op_unsqueeze = {
    .name = "unsqueeze",
    .grad_fn = "UnsqueezeBackward0",
    .like = "torch.unsqueeze(x, dim)",
    .formula = "y = x with a new dimension of size 1; a view",
    .gradient = "dx = dy without it",
    .dtypes = "all",
    .backward = backward,
};
