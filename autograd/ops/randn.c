/* autograd/ops/randn.c
 *
 *   y = normal of mean 0 and standard deviation 1
 *
 * torch.randn's numbers. Floating dtypes; drawn row by row. cd_randn_like(x) is of x's shape
 * and dtype, and drawn in the order in which x lies in memory. */
#include "autograd/op/create_internal.h"

static const cd_draw normal = { CD_DRAW_NORMAL, 0, 1 };

static bool infer(cd_call *call)
{
    return cd_infer_drawn(call, &normal);
}

static void run(const cd_launch *launch)
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
    .gradient = "none: nothing that is drawn depends on x",
    .dtypes = "floating",
    .random = true,
    .inputs = 1,
    .optional = CD_SET(0),
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_create_attributes, cd_create_fields),
    .infer = infer,
    .cpu = { .run = run },
};
