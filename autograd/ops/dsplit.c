/* dsplit: x cut along dimension 2 into equal parts, or before given indices. A list of views. Made
 * of another op: a slice for each part. */
#include "autograd/families/split_at_internal.h"

cd_tensors cd_dsplit(cd_tensor *x, int64_t sections)
{
    if (!cd_check_least("dsplit", x, 3)) return (cd_tensors){ .count = 0 };
    return cd_split_equally("dsplit", x, sections, 2);
}

cd_tensors cd_dsplit_at(cd_tensor *x, cd_sizes indices)
{
    if (!cd_check_least("dsplit", x, 3)) return (cd_tensors){ .count = 0 };
    return cd_split_at("dsplit", x, indices, 2);
}

const cd_op cd_op_dsplit = {
    .name = "dsplit",
    .like = "torch.dsplit(x, sections), torch.dsplit(x, indices)",
    .formula = "y[k] = the k-th part of x along dimension 2; views",
    .gradient = "that of slice",
    .dtypes = "all",
    .composed = true,
};
