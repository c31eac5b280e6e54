/* transpose: a view of x with two dimensions exchanged. Saves nothing. */
#include "autograd/families/view_in_place_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_transpose_attributes, dim0, DIM),
                                   CD_FIELD(cd_transpose_attributes, dim1, DIM), CD_FIELDS_END };

static void transpose_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_transpose_attributes *a = cd_attributes_of(node);
    dx[0] = cd_transpose(dy[0], a->dim0, a->dim1);
}

static bool transpose_infer(cd_call *call)
{
    cd_transpose_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim0, &a->dim0) ||
        !cd_wrap_dim(call->name, x->shape.ndim, a->dim1, &a->dim1)) {
        return false;
    }
    cd_infer_exchange(call, a->dim0, a->dim1);
    return true;
}

cd_tensor *cd_transpose(cd_tensor *x, int dim0, int dim1)
{
    cd_transpose_attributes a = { dim0, dim1 };
    return cd_op_with(&cd_op_transpose, &a, x);
}

cd_tensor *cd_transpose_(cd_tensor *x, int dim0, int dim1)
{
    cd_transpose_attributes a = { dim0, dim1 };
    return cd_view_in_place(&cd_op_transpose, "transpose_", &a, x);
}

const cd_op cd_op_transpose = {
    .name = "transpose",
    .grad_fn = "TransposeBackward0",
    .in_place_grad_fn = "TransposeBackward1",
    .like = "torch.transpose(x, dim0, dim1)",
    .formula = "y = x with two dimensions exchanged; a view",
    .gradient = "dx = dy with the same two exchanged",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_transpose_attributes, fields),
    .infer = transpose_infer,
    .backward = transpose_backward,
};
