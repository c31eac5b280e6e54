/* vstack: tensors joined along dimension 0, vectors as rows. Made of other ops. */
#include "autograd/families/join_internal.h"

static cd_tensor *vstack_each(cd_tensor *x)
{
    return cd_atleast_2d(x);
}

cd_tensor *cd_vstack(cd_tensors tensors)
{
    return cd_join_as("vstack", tensors, vstack_each, 0);
}

const cd_op cd_op_vstack = {
    .name = "vstack",
    .like = "torch.vstack(tensors)",
    .formula = "y = the tensors one below the other",
    .gradient = "that of cat",
    .dtypes = "all, promoted to one",
    .composed = true,
};
