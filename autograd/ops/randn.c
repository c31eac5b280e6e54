/* randn: random numbers of the standard normal distribution. They are those of torch.randn for the
 * same seed.
 *
 * They are drawn row by row. cd_randn_like(x) takes shape, dtype and device from x, and draws in
 * the order in which the elements of x lie in memory; so x is an optional input of the op. Kernel:
 * core/random_draw.c. */
#include "autograd/families/create_internal.h"

static const cd_draw normal = { CD_DRAW_NORMAL, 0, 1 };

static bool randn_infer(cd_call *call)
{
    return cd_infer_drawn(call, &normal);
}

static void randn_run(const cd_launch *launch)
{
    cd_run_drawn(launch, &normal);
}

cd_tensor *cd_randn_with(cd_create o)
{
    return cd_make_drawn(&cd_op_randn, "randn", o);
}

cd_tensor *cd_randn_like_with(cd_like o)
{
    return cd_make_drawn_like(&cd_op_randn, "randn_like", o);
}

const cd_op cd_op_randn = {
    .name = "randn",
    .like = "torch.randn(shape)",
    .formula = "y = normal of mean 0 and standard deviation 1",
    .gradient = "none: what is drawn does not depend on x",
    .dtypes = "floating",
    .random = true,
    .inputs = 1,
    .optional = CD_SET(0),
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_create_attributes, cd_create_fields),
    .infer = randn_infer,
    .cpu = { .run = randn_run },
};
