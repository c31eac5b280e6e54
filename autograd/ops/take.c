/* take: the elements of x at these positions, counted row by row, in the shape of the index.
 * Negative positions count from the end.
 *
 * Saves the index. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexed_internal.h"

static bool take_infer(cd_call *call)
{
    return cd_infer_indexed_read(call, CD_INDEX_INTO_ALL | CD_INDEX_INT64);
}

cd_tensor *cd_take(cd_tensor *x, cd_tensor *index)
{
    cd_indexed_attributes a = { .dims = 0 };
    return cd_op_with(&cd_op_take, &a, x, index);
}

const cd_op cd_op_take = {
    .name = "take",
    .grad_fn = "TakeBackward0",
    .like = "torch.take(x, index)",
    .formula = "y = the elements of x at the positions index, counted row by row",
    .gradient = "dx = 0, with dy added at the positions",
    .dtypes = "all; the index is int64",
    .inputs = 2,
    .input = { "x", "index" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_no_fields),
    .infer = take_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace,
             .check = cd_check_indexed,
             .run = cd_run_indexed_read },
    .backward = cd_indexed_read_backward,
};
