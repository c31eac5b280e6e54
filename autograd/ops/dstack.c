/* dstack: tensors joined along dimension 2. Made of other ops. */
#include "autograd/families/join_internal.h"

static cd_tensor *dstack_each(cd_tensor *x)
{
    return cd_atleast_3d(x);
}

cd_tensor *cd_dstack(cd_tensors tensors)
{
    return cd_join_as("dstack", tensors, dstack_each, 2);
}

const cd_op cd_op_dstack = {
    .name = "dstack",
    .like = "torch.dstack(tensors)",
    .formula = "y = the tensors one behind the other",
    .gradient = "that of cat",
    .dtypes = "all, promoted to one",
    .composed = true,
};
