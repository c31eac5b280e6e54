/* msort: x in order along its first dimension. Made of sort. */
#include "autograd/families/sort_internal.h"

cd_tensor *cd_msort(cd_tensor *x)
{
    return cd_sort_for("msort", &(cd_sort_options){ .x = x });
}

const cd_op cd_op_msort = {
    .name = "msort",
    .like = "torch.msort(x)",
    .formula = "y = x in order along dimension 0",
    .gradient = "that of sort",
    .dtypes = "all",
    .composed = true,
};
