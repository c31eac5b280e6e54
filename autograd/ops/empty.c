/* empty: a tensor of a given shape and dtype, whose elements are undefined. cd_empty_like takes
 * shape, dtype and device from a tensor. There is no kernel. */
#include "autograd/families/create_internal.h"

static cd_tensor *empty_make(const char *name, cd_create o)
{
    cd_create_attributes a = { .made = { o.dtype, o.device, o.requires_grad }, .shape = o.shape };
    if (!cd_check_draws_nothing(name, o.generator)) return NULL;
    return cd_make(&cd_op_empty, name, NULL, &a, NULL);
}

cd_tensor *cd_empty_with(cd_create o)
{
    return empty_make("empty", o);
}

cd_tensor *cd_empty_like_with(cd_like o)
{
    cd_create create;
    return cd_create_like("empty_like", o, &create) ? empty_make("empty_like", create) : NULL;
}

const cd_op cd_op_empty = {
    .name = "empty",
    .like = "torch.empty(shape)",
    .formula = "y is undefined",
    .gradient = "none: it has no input",
    .dtypes = "all",
    CD_OP_ATTRIBUTES(cd_create_attributes, cd_create_fields),
    .infer = cd_infer_create,
};
