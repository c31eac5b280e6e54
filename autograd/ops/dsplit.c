/* dsplit: x cut along dimension 2 into equal parts, or before given indices. A list of views. Made
 * of another op: a slice for each part. */
#include "autograd/families/split_at_internal.h"

cd_tensors cd_dsplit(cd_tensor *x, int64_t sections)
{
    return cd_split_equally("dsplit", x, sections, 3, 2);
}

cd_tensors cd_dsplit_at(cd_tensor *x, cd_sizes indices)
{
    return cd_split_before("dsplit", x, indices, 3, 2);
}

const cd_op cd_op_dsplit = {
    .name = "dsplit",
    .like = "torch.dsplit(x, sections), torch.dsplit(x, indices)",
    .formula = "y[k] = the k-th part of x along dimension 2; views",
    .gradient = "that of slice",
    .dtypes = "all",
    .composed = true,
};
