/* vsplit: x cut along dimension 0 into equal parts, or before given indices. A list of views. Made
 * of another op: a slice for each part. */
#include "autograd/families/split_at_internal.h"

cd_tensors cd_vsplit(cd_tensor *x, int64_t sections)
{
    return cd_split_equally("vsplit", x, sections, 2, 0);
}

cd_tensors cd_vsplit_at(cd_tensor *x, cd_sizes indices)
{
    return cd_split_before("vsplit", x, indices, 2, 0);
}

const cd_op cd_op_vsplit = {
    .name = "vsplit",
    .like = "torch.vsplit(x, sections), torch.vsplit(x, indices)",
    .formula = "y[k] = the k-th part of x along dimension 0; views",
    .gradient = "that of slice",
    .dtypes = "all",
    .composed = true,
};
