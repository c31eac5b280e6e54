/* randint: random integers from low to high - 1, all equally likely. They are those of
 * torch.randint for the same seed.
 *
 * The dtype is int64 unless .dtype says another; it must have all of these integers. Kernel:
 * core/random_fill.c. */
#include "autograd/families/create_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_randint_attributes, low, INTEGER),
                                   CD_FIELD(cd_randint_attributes, high, INTEGER),
                                   CD_FIELD(cd_randint_attributes, shape, SHAPE),
                                   { "dtype", CD_FIELD_DTYPE,
                                     offsetof(cd_randint_attributes, made.dtype) },
                                   CD_FIELDS_END };

static bool randint_infer(cd_call *call)
{
    cd_randint_attributes *a = call->launch.attributes;
    if (a->made.dtype == CD_DTYPE_DEFAULT) a->made.dtype = CD_I64;
    return cd_random_check_integers(a->made.dtype, a->low, a->high) &&
           cd_infer_made(call, &a->shape);
}

static void randint_run(const cd_launch *launch)
{
    const cd_randint_attributes *a = launch->attributes;
    const cd_array *y = &launch->out[0];
    (void)cd_random_integers(launch->generator, y->layout->dtype, y->data, y->layout->numel, a->low,
                             a->high);
}

cd_tensor *cd_randint_with(cd_randint_options o)
{
    cd_randint_attributes a = { .made = { o.dtype, o.device, o.requires_grad },
                                .shape = o.shape,
                                .low = o.low,
                                .high = o.high };
    return cd_make(&cd_op_randint, "randint", NULL, &a, o.generator);
}

const cd_op cd_op_randint = {
    .name = "randint",
    .like = "torch.randint(low, high, shape)",
    .formula = "y = integers in [low, high)",
    .gradient = "none: it has no input",
    .dtypes = "all",
    .random = true,
    CD_OP_ATTRIBUTES(cd_randint_attributes, fields),
    .infer = randint_infer,
    .cpu = { .run = randint_run },
};
