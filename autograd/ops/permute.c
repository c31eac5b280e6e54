/* autograd/ops/permute.c
 *
 *   y = x with dimension i taken from x's dimension order[i]     dx = dy with the inverse order
 *
 * A view. Keeps the order in i[0..ndim - 1]. */
#include <limits.h>

#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape inverse = { .ndim = dy[0]->shape.ndim };
    for (int i = 0; i < inverse.ndim; i++) inverse.dim[node->parameters->i[i]] = i;
    dx[0] = cd_permute(dy[0], inverse);
}

/* The order, counted from the front; each dimension must come once. */
static bool plain_order(cd_old_call *call, const cd_tensor *x, cd_shape order)
{
    char text[CD_SHAPE_TEXT];
    if (order.ndim != x->shape.ndim) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "the order names %d dimensions, and a tensor of shape %s has %d",
                          order.ndim, cd_shape_text(x->shape, text), x->shape.ndim);
    }
    unsigned seen = 0;
    for (int i = 0; i < order.ndim; i++) {
        int64_t given = order.dim[i];
        int plain, asked = given < INT_MIN ? INT_MIN : given > INT_MAX ? INT_MAX : (int)given;
        if (!cd_plain_dim("permute", x->shape.ndim, asked, &plain)) return false;
        if (seen & (1U << plain)) {
            return cd_op_fail(call, CD_ERR_SHAPE,
                              "the order names dimension %d twice, and each of the "
                              "%d must come once",
                              plain, order.ndim);
        }
        seen |= 1U << plain;
        call->parameters.i[i] = plain;
    }
    return true;
}

cd_tensor *cd_permute(cd_tensor *x, cd_shape order)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_permute, x) || !plain_order(&call, x, order)) return NULL;
    cd_shape shape = { .ndim = order.ndim };
    int64_t stride[CD_MAX_DIMS];
    for (int i = 0; i < order.ndim; i++) {
        shape.dim[i] = x->shape.dim[call.parameters.i[i]];
        stride[i] = x->stride[call.parameters.i[i]];
    }
    (void)cd_op_output_view(&call, x, shape, stride, x->offset);
    return cd_op_end(&call);
}

const cd_op cd_op_permute = {
    .name = "permute",
    .grad_fn = "PermuteBackward0",
    .like = "torch.permute(x, order)",
    .formula = "y = x with its dimensions in another order; a view",
    .gradient = "dx = dy with the inverse order",
    .dtypes = "all",
    .backward = backward,
};
