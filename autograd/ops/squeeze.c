/* squeeze: a view of x without a dimension of size 1; a view of x as it is when the size is not 1.
 * Saves nothing. */
#include "autograd/families/view_in_place_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_squeeze_attributes, dim, DIM), CD_FIELDS_END };

static void squeeze_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_squeeze_attributes *a = cd_attributes_of(node);
    dx[0] = a->taken ? cd_unsqueeze(dy[0], a->dim) : dy[0];
}

static bool squeeze_infer(cd_call *call)
{
    cd_squeeze_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    a->taken = x->shape.ndim > 0 && x->shape.dim[a->dim] == 1;
    if (a->taken) {
        cd_infer_without(call, a->dim);
    } else {
        (void)cd_infer_like(call, x);
    }
    return true;
}

cd_tensor *cd_squeeze(cd_tensor *x, int dim)
{
    cd_squeeze_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_squeeze, &a, x);
}

cd_tensor *cd_squeeze_(cd_tensor *x, int dim)
{
    cd_squeeze_attributes a = { .dim = dim };
    return cd_view_in_place(&cd_op_squeeze, "squeeze_", &a, x);
}

cd_tensor *cd_squeeze_product(cd_tensor *x, int dim)
{
    cd_squeeze_attributes a = { .dim = dim };
    cd_tensor *y = cd_op_with(&cd_op_squeeze_product, &a, x);
    if (y) cd_view_forget(y);
    return y;
}

const cd_op cd_op_squeeze = {
    .name = "squeeze",
    .grad_fn = "SqueezeBackward1",
    .in_place_grad_fn = "SqueezeBackward4",
    .like = "torch.squeeze(x, dim)",
    .formula = "y = x without a dimension of size 1; a view",
    .gradient = "dx = dy with that dimension",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_squeeze_attributes, fields),
    .infer = squeeze_infer,
    .backward = squeeze_backward,
};

/* For an x to which the caller has the only handle and gives it up, as in unsafe_view. PyTorch
 * calls squeeze_ there, and the graph has its name. */
const cd_op cd_op_squeeze_product = {
    .name = "squeeze",
    .grad_fn = "SqueezeBackward4",
    .formula = "y = x without a dimension of size 1; the caller gives x up",
    .gradient = "dx = dy with that dimension",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_squeeze_attributes, fields),
    .infer = squeeze_infer,
    .backward = squeeze_backward,
};
