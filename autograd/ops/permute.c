/* permute: a view of x with its dimensions in another order. Saves nothing. */
#include <limits.h>

#include "autograd/dispatch/call_internal.h"

static const cd_field fields[] = {
    { "order", CD_FIELD_SHAPE, offsetof(cd_shape_attributes, shape) }, CD_FIELDS_END
};

static void permute_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shape_attributes *a = cd_attributes_of(node);
    cd_shape inverse = { .ndim = a->shape.ndim };
    for (int i = 0; i < inverse.ndim; i++) inverse.dim[a->shape.dim[i]] = i;
    dx[0] = cd_permute(dy[0], inverse);
}

/* Makes negative dimensions of the order positive. False with an error unless each dimension of x
 * comes once. */
static bool plain_order(const cd_call *call, const cd_tensor *x, cd_shape *order)
{
    char text[CD_SHAPE_TEXT];
    if (order->ndim != x->shape.ndim) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the order names %d dimensions, and a tensor of shape %s has %d",
                         order->ndim, cd_sizes_text(&x->shape, text), x->shape.ndim);
    }
    unsigned seen = 0;
    for (int i = 0; i < order->ndim; i++) {
        int64_t given = order->dim[i];
        int plain, asked = given < INT_MIN ? INT_MIN : given > INT_MAX ? INT_MAX : (int)given;
        if (!cd_wrap_dim(call->name, x->shape.ndim, asked, &plain)) return false;
        if (seen & (1U << plain)) {
            return cd_refuse(call, CD_ERR_SHAPE,
                             "the order names dimension %d twice, and each of the %d must come "
                             "once",
                             plain, order->ndim);
        }
        seen |= 1U << plain;
        order->dim[i] = plain;
    }
    return true;
}

static bool permute_infer(cd_call *call)
{
    cd_shape_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!plain_order(call, x, &a->shape)) return false;
    cd_result *y = cd_infer_like(call, x);
    for (int i = 0; i < a->shape.ndim; i++) {
        y->shape.dim[i] = x->shape.dim[a->shape.dim[i]];
        y->stride[i] = x->stride[a->shape.dim[i]];
    }
    return true;
}

cd_tensor *cd_permute(cd_tensor *x, cd_shape order)
{
    cd_shape_attributes a = { order };
    return cd_op_with(&cd_op_permute, &a, x);
}

const cd_op cd_op_permute = {
    .name = "permute",
    .grad_fn = "PermuteBackward0",
    .like = "torch.permute(x, order)",
    .formula = "y = x, with its dimension order[i] as dimension i; a view",
    .gradient = "dx = dy with the inverse order",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_shape_attributes, fields),
    .infer = permute_infer,
    .backward = permute_backward,
};
