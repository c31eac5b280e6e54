/* diagonal: the elements x[i, i + offset] of two dimensions, as a view, in which they are the last
 * dimension. Saves nothing. */
#include "autograd/families/rearrange_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_diagonal_attributes, offset, INTEGER),
                                   CD_FIELD(cd_diagonal_attributes, dim1, DIM),
                                   CD_FIELD(cd_diagonal_attributes, dim2, DIM), CD_FIELDS_END };

static void diagonal_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_value_info *x = &node->input[0];
    cd_layout layout = cd_layout_row_major(x->dtype, x->shape);
    cd_diagonal_layout(&layout, cd_attributes_of(node));
    dx[0] = cd_layout_backward(dy[0], x->shape, &layout);
}

static bool diagonal_infer(cd_call *call)
{
    const cd_tensor *x = call->in[0].tensor;
    cd_layout layout = x->layout;
    if (!cd_check_diagonal(call->name, x->shape.ndim, call->launch.attributes)) return false;
    cd_diagonal_layout(&layout, call->launch.attributes);
    cd_infer_layout(call, &layout);
    return true;
}

cd_tensor *cd_diagonal(cd_tensor *x, int64_t offset, int dim1, int dim2)
{
    cd_diagonal_attributes a = { .offset = offset, .dim1 = dim1, .dim2 = dim2 };
    return cd_op_with(&cd_op_diagonal, &a, x);
}

const cd_op cd_op_diagonal = {
    .name = "diagonal",
    .grad_fn = "DiagonalBackward0",
    .like = "torch.diagonal(x, offset, dim1, dim2)",
    .formula = "y[.., i] = x[.., i, .., i + offset, ..]; a view",
    .gradient = "dx = dy on the diagonal, 0 elsewhere",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_diagonal_attributes, fields),
    .infer = diagonal_infer,
    .backward = diagonal_backward,
};
