/* column_stack: tensors joined along dimension 1, vectors as columns. Made of other ops. */
#include "autograd/families/join_internal.h"

static cd_tensor *column_stack_each(cd_tensor *x)
{
    if (!cd_check_tensor(x, "column_stack", "a tensor")) return NULL;
    return x->shape.ndim <= 1 ? cd_reshape(x, CD_SHAPE(x->numel, 1)) : x;
}

cd_tensor *cd_column_stack(cd_tensors tensors)
{
    return cd_join_as("column_stack", tensors, column_stack_each, 1);
}

const cd_op cd_op_column_stack = {
    .name = "column_stack",
    .like = "torch.column_stack(tensors)",
    .formula = "y = the tensors side by side, vectors as columns",
    .gradient = "that of cat",
    .dtypes = "all, promoted to one",
    .composed = true,
};
