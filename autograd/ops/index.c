/* index: x at one index of its first dimension. Made of another op: a select of dimension 0. */
#include "autograd/ops_internal.h"

cd_tensor *cd_index(cd_tensor *x, int64_t index)
{
    return cd_select_for("index", x, 0, index);
}

const cd_op cd_op_index = {
    .name = "index",
    .like = "x[index]",
    .formula = "y = x at one index of dimension 0; a view",
    .gradient = "that of select",
    .dtypes = "all",
    .composed = true,
};
