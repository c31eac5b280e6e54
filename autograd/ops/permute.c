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
    for (int i = 0; i < inverse.ndim; i++) inverse.dim[node->parameters.i[i]] = i;
    dx[0] = cd_permute(dy[0], inverse);
}

/* The order, counted from the front; each dimension must come once. */
static bool plain_order(cd_call *call, const cd_tensor *x, cd_shape order)
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
    cd_call call;
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

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_shape order = { .ndim = (int)p[0] };
    for (int i = 0; i < order.ndim; i++) order.dim[i] = (int64_t)p[1 + i];
    return cd_permute(in[0], order);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 3, 2, 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 3, 0, -1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 3, 2)) }, { 4, 0, 2, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 2, 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1)) }, { 2, 1, 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { 2, 1, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_permute(NULL, CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_permute(x, CD_SHAPE(0, 1, 2)));
    cd_expect_error(s, CD_ERR_SHAPE, "twice", cd_permute(x, CD_SHAPE(0, -2)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_permute(x, CD_SHAPE(0, 2)));
}

const cd_op cd_op_permute = {
    .name = "permute",
    .grad_fn = "PermuteBackward0",
    .like = "torch.permute(x, order)",
    .formula = "y = x with its dimensions in another order; a view",
    .gradient = "dx = dy with the inverse order",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
