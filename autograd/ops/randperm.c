/* randperm: the integers from 0 to n - 1 in random order, as int64. The order is that of
 * torch.randperm for the same seed. Kernel: core/random_fill.c. */
#include "autograd/families/create_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_randperm_attributes, n, INTEGER), CD_FIELDS_END };

static bool randperm_infer(cd_call *call)
{
    const cd_randperm_attributes *a = call->launch.attributes;
    if (a->n < 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "there is no permutation of %lld numbers: 0 or more", (long long)a->n);
    }
    const cd_shape shape = { .ndim = 1, .dim = { a->n } };
    return cd_infer_made(call, &shape);
}

static void randperm_run(const cd_launch *launch)
{
    const cd_array *y = &launch->out[0];
    (void)cd_random_permutation(launch->generator, y->data, y->layout->numel);
}

cd_tensor *cd_randperm_with(cd_randperm_options o)
{
    cd_randperm_attributes a = { .made = { .dtype = CD_I64, .device = o.device }, .n = o.n };
    return cd_make(&cd_op_randperm, "randperm", NULL, &a, o.generator);
}

const cd_op cd_op_randperm = {
    .name = "randperm",
    .like = "torch.randperm(n)",
    .formula = "y = 0, 1, ..., n - 1 in random order",
    .gradient = "none: it has no input",
    .dtypes = "int64",
    .random = true,
    CD_OP_ATTRIBUTES(cd_randperm_attributes, fields),
    .infer = randperm_infer,
    .cpu = { .run = randperm_run },
};
