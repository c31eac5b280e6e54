/* view: the elements of x, row by row, in another shape, as a view; an error where the elements
 * would have to move for it. One size may be -1. Saves nothing.
 *
 * reshape_alias is the same op with PyTorch's name for the view that reshape makes of a tensor that
 * is not contiguous. */
#include "autograd/ops_internal.h"

static void view_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_reshape(dy[0], node->input[0].shape);
}

static bool view_infer(cd_call *call)
{
    char from[CD_SHAPE_TEXT], to[CD_SHAPE_TEXT];
    cd_shape_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_infer_shape(call->name, x, &a->shape)) return false;
    return cd_infer_view(call, &a->shape) ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "the elements of this %s view do not lie in the order that shape %s needs: "
                     "cd_reshape copies where it must",
                     cd_sizes_text(&x->shape, from), cd_sizes_text(&a->shape, to));
}

cd_tensor *cd_view_for(const char *what, cd_tensor *x, cd_shape shape)
{
    cd_call call;
    cd_shape_attributes a = { shape };
    const cd_operand in = cd_operand_tensor(x);
    cd_call_begin(&call, &cd_op_view, &in, 1);
    call.launch.attributes = &a;
    call.name = what;
    return cd_call_run(&call);
}

cd_tensor *cd_view(cd_tensor *x, cd_shape shape)
{
    return cd_view_for("view", x, shape);
}

const cd_op cd_op_view = {
    .name = "view",
    .grad_fn = "ViewBackward0",
    .like = "x.view(shape)",
    .formula = "y = x in another shape; a view",
    .gradient = "dx = dy in x's shape",
    .dtypes = "all",
    .contiguous_only = "elements would have to move",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_shape_attributes, cd_shape_fields),
    .infer = view_infer,
    .backward = view_backward,
};

cd_tensor *cd_reshape_alias(cd_tensor *x, cd_shape shape)
{
    cd_shape_attributes a = { shape };
    return cd_op_with(&cd_op_reshape_alias, &a, x);
}

const cd_op cd_op_reshape_alias = {
    .name = "reshape",
    .grad_fn = "ReshapeAliasBackward0",
    .like = "torch.reshape(x, shape) of an x that is not contiguous",
    .formula = "y = x in another shape; a view",
    .gradient = "dx = dy in x's shape",
    .dtypes = "all",
    .contiguous_only = "elements would have to move",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_shape_attributes, cd_shape_fields),
    .infer = view_infer,
    .backward = view_backward,
};
