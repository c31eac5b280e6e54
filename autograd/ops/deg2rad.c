/* deg2rad: x in degrees as radians. Integers and bool become float32.
 *
 * Saves nothing. Kernel: mul of core/cpu/binary.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"
#include "core/cpu/elementwise_internal.h"

static const double factor = M_PI / 180;

static void deg2rad_run(const cd_launch *launch)
{
    cd_cpu_apply_number(CD_MAP_mul, &launch->out[0], &launch->in[0], factor);
}

static void deg2rad_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_mul(dy[0], factor);
}

cd_tensor *cd_deg2rad(cd_tensor *x)
{
    return cd_op_apply(&cd_op_deg2rad, x);
}

cd_tensor *cd_deg2rad_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_deg2rad, x);
}

const cd_op cd_op_deg2rad = {
    .name = "deg2rad",
    .grad_fn = "Deg2RadBackward0",
    .like = "torch.deg2rad(x)",
    .formula = "y = x * pi / 180",
    .gradient = "dx = dy * pi / 180",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .cpu = { .run = deg2rad_run },
    .backward = deg2rad_backward,
};
