/* rand: uniform random numbers from 0 to 1, without 1. They are those of torch.rand for the same
 * seed.
 *
 * They are drawn row by row. cd_rand_like(x) takes shape, dtype and device from x, and draws in the
 * order in which the elements of x lie in memory; so x is an optional input of the op. Kernel:
 * core/random_draw.c. */
#include "autograd/families/create_internal.h"

static const cd_draw uniform = { CD_DRAW_UNIFORM, 0, 1 };

static bool rand_infer(cd_call *call)
{
    return cd_infer_drawn(call, &uniform);
}

static void rand_run(const cd_launch *launch)
{
    cd_run_drawn(launch, &uniform);
}

cd_tensor *cd_rand_with(cd_create o)
{
    return cd_make_drawn(&cd_op_rand, "rand", o);
}

cd_tensor *cd_rand_like_with(cd_like o)
{
    return cd_make_drawn_like(&cd_op_rand, "rand_like", o);
}

const cd_op cd_op_rand = {
    .name = "rand",
    .like = "torch.rand(shape)",
    .formula = "y = uniform in [0, 1)",
    .gradient = "none: what is drawn does not depend on x",
    .dtypes = "floating",
    .random = true,
    .inputs = 1,
    .optional = CD_SET(0),
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_create_attributes, cd_create_fields),
    .infer = rand_infer,
    .cpu = { .run = rand_run },
};
