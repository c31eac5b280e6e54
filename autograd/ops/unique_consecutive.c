/* unique_consecutive: the elements of x, row by row, without those that are equal to the one
 * before; or the same of the parts along a dimension.
 *
 * No NaN is equal to another, and 0 is equal to -0. Made of other ops, without a history: PyTorch's
 * backward of it is an error. */
#include "autograd/families/distinct_internal.h"

cd_tensor *cd_unique_consecutive_with(cd_unique_options options)
{
    return cd_distinct("unique_consecutive", &options, false);
}

const cd_op cd_op_unique_consecutive = {
    .name = "unique_consecutive",
    .like = "torch.unique_consecutive(x)",
    .formula = "y = the elements of x that differ from the one before",
    .gradient = "none, as in PyTorch",
    .dtypes = "all",
};
