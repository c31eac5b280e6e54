/* unique: the distinct elements of x in order, as a vector; or the distinct parts along a
 * dimension, in the order of their first elements, then of their second ones, and so on.
 *
 * No NaN is equal to another. 0 and -0 are equal: the one that comes first in x is in the result.
 * Made of sort, index_select and their like, without a history: PyTorch's backward of it is an
 * error. */
#include "autograd/families/distinct_internal.h"

cd_tensor *cd_unique_with(cd_unique_options options)
{
    return cd_distinct("unique", &options, true);
}

const cd_op cd_op_unique = {
    .name = "unique",
    .like = "torch.unique(x)",
    .formula = "y = the distinct elements of x, in order",
    .gradient = "none, as in PyTorch",
    .dtypes = "all",
};
