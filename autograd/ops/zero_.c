/* zero_: writes 0 into every element of x. Saves nothing. Kernel: core/cpu/select.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
#include "core/cpu/elementwise_internal.h"

static void zero_run(const cd_launch *launch)
{
    const int64_t zero = 0; /* all its bits are 0, so it is the zero of every dtype */
    const cd_array *x = &launch->out[0];
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_fill, x->layout->dtype), x, 0, NULL, &zero);
}

cd_tensor *cd_zero_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_zero_, x);
}

const cd_op cd_op_zero_ = {
    .name = "zero_",
    .grad_fn = "ZeroBackward0",
    .like = "x.zero_()",
    .formula = "x = 0, in place",
    .gradient = "dx = 0",
    .dtypes = "all",
    .overwrites = true,
    .inputs = 1,
    .input = { "x" },
    .infer = cd_infer_same,
    .cpu = { .run = zero_run },
    .backward = cd_zero_backward,
};
