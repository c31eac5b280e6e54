/* rad2deg: x in radians as degrees. Integers and bool become float32.
 *
 * Saves nothing. Kernel: mul of core/cpu/binary.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"
#include "core/cpu/elementwise_internal.h"

static const double factor = 180 / M_PI;

static void rad2deg_run(const cd_launch *launch)
{
    cd_cpu_apply_number(CD_MAP_mul, &launch->out[0], &launch->in[0], factor);
}

static void rad2deg_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_mul(dy[0], factor);
}

cd_tensor *cd_rad2deg(cd_tensor *x)
{
    return cd_op_apply(&cd_op_rad2deg, x);
}

cd_tensor *cd_rad2deg_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_rad2deg, x);
}

const cd_op cd_op_rad2deg = {
    .name = "rad2deg",
    .grad_fn = "Rad2DegBackward0",
    .like = "torch.rad2deg(x)",
    .formula = "y = x * 180 / pi",
    .gradient = "dx = dy * 180 / pi",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .cpu = { .run = rad2deg_run },
    .backward = rad2deg_backward,
};
