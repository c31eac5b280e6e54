/* hstack: tensors joined along dimension 1, vectors along dimension 0. Made of other ops. */
#include "autograd/families/join_internal.h"

static cd_tensor *hstack_each(cd_tensor *x)
{
    return cd_atleast_1d(x);
}

cd_tensor *cd_hstack(cd_tensors tensors)
{
    return cd_join_as("hstack", tensors, hstack_each, CD_JOIN_ALONG_1_OR_0);
}

const cd_op cd_op_hstack = {
    .name = "hstack",
    .like = "torch.hstack(tensors)",
    .formula = "y = the tensors side by side",
    .gradient = "that of cat",
    .dtypes = "all, promoted to one",
    .composed = true,
};
