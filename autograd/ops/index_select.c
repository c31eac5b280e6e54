/* index_select: the elements of x along one dimension that a vector of indices chooses. An index
 * without dimensions counts as a vector of one; negative indices are out of range.
 *
 * Saves the index. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexed_internal.h"

static bool index_select_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_tensor *x = call->in[CD_INDEXED].tensor, *index = call->in[CD_INDEX].tensor;
    if (!cd_infer_indexed_read(call, CD_INDEX_VECTOR | CD_INDEX_NOT_NEGATIVE)) return false;
    return x->shape.ndim > 0 || index->numel == 1 ||
           cd_refuse(call, CD_ERR_SHAPE, "the index (%s) into a scalar must have one element",
                     cd_sizes_text(&index->shape, text));
}

cd_tensor *cd_index_select(cd_tensor *x, int dim, cd_tensor *index)
{
    cd_indexed_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_index_select, &a, x, index);
}

const cd_op cd_op_index_select = {
    .name = "index_select",
    .grad_fn = "IndexSelectBackward0",
    .like = "torch.index_select(x, dim, index)",
    .formula = "y[.., k, ..] = x[.., index[k], ..] along one dimension",
    .gradient = "dx = 0, with dx[.., index[k], ..] += dy[.., k, ..]",
    .dtypes = "all; the index is int64 or int32",
    .inputs = 2,
    .input = { "x", "index" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_indexed_dim_fields),
    .infer = index_select_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace,
             .check = cd_check_indexed,
             .run = cd_run_indexed_read },
    .backward = cd_indexed_read_backward,
};
