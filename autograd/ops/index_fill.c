/* index_fill: x, with one value for all elements that a vector of indices names along one
 * dimension. Negative indices count from the end.
 *
 * The value, a number or a 0-d tensor, is converted to x's dtype. PyTorch's graph has another
 * name for the op when the value is a tensor: index_fill_tensor. Saves the index. Kernel:
 * core/cpu/gather.c. */
#include "autograd/families/indexed_internal.h"

/* An element that the index names several times was filled once: its gradient counts once. */
static cd_tensor *sum_filled(const cd_indexed_attributes *a, cd_tensor *dy, cd_tensor *index)
{
    cd_tensor *filled = cd_zeros(dy->shape, .dtype = CD_BOOL, .device = cd_tensor_device(dy));
    (void)cd_index_fill_(filled, a->dim, index, true);
    return cd_sum(cd_where(filled, dy, 0));
}

static void index_fill_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_indexed_attributes *a = cd_attributes_of(node);
    cd_tensor *index = cd_saved_value(node, 0);
    if (cd_wanted(node, CD_INDEXED)) dx[CD_INDEXED] = cd_indexed_clear(a, dy[0], index);
    if (cd_wanted(node, CD_VALUES)) dx[CD_VALUES] = sum_filled(a, dy[0], index);
}

static bool index_fill_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_shape value = cd_call_shape(call, CD_VALUES);
    if (value.ndim > 0) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the value has shape %s, and must be a number or a tensor without "
                         "dimensions",
                         cd_sizes_text(&value, text));
    }
    return cd_infer_indexed_write(call, CD_INDEX_VECTOR | CD_INDEX_INT64 | CD_INDEX_CONVERTS);
}

static cd_tensor *fill(cd_tensor *x, int dim, cd_tensor *index, cd_operand value, bool in_place)
{
    cd_indexed_attributes a = { .dim = dim };
    const bool tensor = value.kind == CD_OPERAND_TENSOR;
    return cd_op_indexed(tensor ? &cd_op_index_fill_tensor : &cd_op_index_fill, &a, x, index, value,
                         in_place);
}

cd_tensor *cd_index_fill_with(cd_tensor *x, int dim, cd_tensor *index, cd_operand value)
{
    return fill(x, dim, index, value, false);
}

cd_tensor *cd_index_fill_with_(cd_tensor *x, int dim, cd_tensor *index, cd_operand value)
{
    return fill(x, dim, index, value, true);
}

const cd_op cd_op_index_fill = {
    .name = "index_fill",
    .in_place_name = "index_fill_",
    .grad_fn = "IndexFillBackward0",
    .like = "torch.index_fill(x, dim, index, value)",
    .formula = "y = x, with y[.., index[k], ..] = value along one dimension",
    .gradient = "dx = dy, but 0 at the index; dvalue = the sum of dy there",
    .dtypes = "all; the index is int64",
    .inputs = 3,
    .numbers = CD_SET(CD_VALUES),
    .input = { "x", "index", "value" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_indexed_dim_fields),
    .infer = index_fill_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace,
             .check = cd_check_indexed,
             .run = cd_run_indexed_write },
    .backward = index_fill_backward,
};

const cd_op cd_op_index_fill_tensor = {
    .name = "index_fill",
    .in_place_name = "index_fill_",
    .grad_fn = "IndexFillBackward1",
    .formula = "as index_fill",
    .gradient = "as index_fill",
    .dtypes = "all; the index is int64",
    .inputs = 3,
    .numbers = CD_SET(CD_VALUES),
    .input = { "x", "index", "value" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_indexed_dim_fields),
    .infer = index_fill_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace,
             .check = cd_check_indexed,
             .run = cd_run_indexed_write },
    .backward = index_fill_backward,
};
