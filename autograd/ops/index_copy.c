/* index_copy: x, with a source in the place of the elements that a vector of indices names along
 * one dimension. Where an index comes several times, the last one counts.
 *
 * The source has x's shape, except that it has as many elements along the dimension as the
 * index. Saves the index. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexed_internal.h"

static bool index_copy_infer(cd_call *call)
{
    return cd_infer_indexed_write(call, CD_INDEX_VECTOR | CD_INDEX_NOT_NEGATIVE | CD_INDEX_INT64) &&
           cd_check_source(call);
}

cd_tensor *cd_index_copy(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *source)
{
    cd_indexed_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_index_copy, &a, x, index, source);
}

cd_tensor *cd_index_copy_(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *source)
{
    cd_indexed_attributes a = { .dim = dim };
    return cd_op_in_place_with(&cd_op_index_copy, &a, x, index, source);
}

const cd_op cd_op_index_copy = {
    .name = "index_copy",
    .in_place_name = "index_copy_",
    .grad_fn = "IndexCopyBackward0",
    .like = "torch.index_copy(x, dim, index, source)",
    .formula = "y = x, with y[.., index[k], ..] = source[.., k, ..] along one dimension",
    .gradient = "dx = dy, but 0 at the index; dsource[.., k, ..] = dy[.., index[k], ..]",
    .dtypes = "all, the same for x and source; the index is int64",
    .inputs = 3,
    .input = { "x", "index", "source" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_indexed_dim_fields),
    .infer = index_copy_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace,
             .check = cd_check_indexed,
             .run = cd_run_indexed_write },
    .backward = cd_indexed_write_backward,
};
