/* hsplit: x cut along dimension 1, or for a vector dimension 0, into equal parts, or before given
 * indices. A list of views. Made of another op: a slice for each part. */
#include "autograd/families/split_at_internal.h"

cd_tensors cd_hsplit(cd_tensor *x, int64_t sections)
{
    return cd_split_equally("hsplit", x, sections, 1, 1);
}

cd_tensors cd_hsplit_at(cd_tensor *x, cd_sizes indices)
{
    return cd_split_before("hsplit", x, indices, 1, 1);
}

const cd_op cd_op_hsplit = {
    .name = "hsplit",
    .like = "torch.hsplit(x, sections), torch.hsplit(x, indices)",
    .formula = "y[k] = the k-th part of x along dimension 1, of a vector along dimension 0; views",
    .gradient = "that of slice",
    .dtypes = "all",
    .composed = true,
};
