/* squeeze_dims: a view of x without those of several dimensions that have size 1; squeeze_all:
 * without all that have. Saves nothing. */
#include "autograd/families/rearrange_internal.h"
#include "autograd/families/view_in_place_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_squeeze_dims_attributes, dims, SHAPE),
                                   CD_FIELDS_END };

static void squeeze_dims_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_squeeze_dims_attributes *a = cd_attributes_of(node);
    dx[0] = dy[0];
    for (int i = 0; i < CD_MAX_DIMS && dx[0]; i++) {
        if (a->taken >> i & 1) dx[0] = cd_unsqueeze(dx[0], i);
    }
}

/* The view without the dimensions of this set that have size 1. */
static bool remove_dims(cd_call *call, unsigned set)
{
    cd_squeeze_dims_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    cd_result *y = cd_infer_like(call, x);
    a->taken = 0;
    y->shape.ndim = 0;
    for (int i = 0; i < x->shape.ndim; i++) {
        if ((set >> i & 1) && x->shape.dim[i] == 1) {
            a->taken |= 1U << i;
        } else {
            y->stride[y->shape.ndim] = x->stride[i];
            y->shape.dim[y->shape.ndim++] = x->shape.dim[i];
        }
    }
    return true;
}

static bool squeeze_dims_infer(cd_call *call)
{
    unsigned set = 0;
    const cd_squeeze_dims_attributes *a = call->launch.attributes;
    return cd_set_of_dims(call->name, call->in[0].tensor, a->dims, &set) && remove_dims(call, set);
}

static bool infer_all(cd_call *call)
{
    return remove_dims(call, ~0U);
}

cd_tensor *cd_squeeze_dims(cd_tensor *x, cd_shape dims)
{
    cd_squeeze_dims_attributes a = { .dims = dims };
    return cd_op_with(&cd_op_squeeze_dims, &a, x);
}

cd_tensor *cd_squeeze_all(cd_tensor *x)
{
    cd_squeeze_dims_attributes a = { .taken = 0 };
    return cd_op_with(&cd_op_squeeze_all, &a, x);
}

cd_tensor *cd_squeeze_dims_(cd_tensor *x, cd_shape dims)
{
    cd_squeeze_dims_attributes a = { .dims = dims };
    return cd_view_in_place(&cd_op_squeeze_dims, "squeeze_dims_", &a, x);
}

cd_tensor *cd_squeeze_all_(cd_tensor *x)
{
    cd_squeeze_dims_attributes a = { .taken = 0 };
    return cd_view_in_place(&cd_op_squeeze_all, "squeeze_all_", &a, x);
}

const cd_op cd_op_squeeze_dims = {
    .name = "squeeze_dims",
    .grad_fn = "SqueezeBackward2",
    .in_place_grad_fn = "SqueezeBackward5",
    .like = "x.squeeze(dims), x.squeeze()",
    .formula = "y = x without dimensions of size 1; a view",
    .gradient = "dx = dy with these dimensions",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_squeeze_dims_attributes, fields),
    .infer = squeeze_dims_infer,
    .backward = squeeze_dims_backward,
};

const cd_op cd_op_squeeze_all = {
    .name = "squeeze_dims",
    .grad_fn = "SqueezeBackward0",
    .in_place_grad_fn = "SqueezeBackward3",
    .formula = "as squeeze_dims, of all dimensions",
    .gradient = "as squeeze_dims",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_squeeze_dims_attributes, cd_no_fields),
    .infer = infer_all,
    .backward = squeeze_dims_backward,
};
