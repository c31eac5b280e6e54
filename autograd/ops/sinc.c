/* sinc: sin(pi x) / (pi x), and 1 at 0. Integers and bool become float32.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"

static void sinc_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0), *turn = cd_mul(x, M_PI);
    cd_tensor *top = cd_sub(cd_mul(turn, cd_cos(turn)), cd_sin(turn));
    cd_tensor *bottom = cd_mul(cd_mul(x, x), M_PI);
    dx[0] = cd_where(cd_eq(bottom, 0), 0, cd_mul(dy[0], cd_div(top, bottom)));
}

cd_tensor *cd_sinc(cd_tensor *x)
{
    return cd_op_apply(&cd_op_sinc, x);
}

cd_tensor *cd_sinc_(cd_tensor *x)
{
    return cd_op_in_place(&cd_op_sinc, x);
}

const cd_op cd_op_sinc = {
    .name = "sinc",
    .grad_fn = "SincBackward0",
    .like = "torch.sinc(x)",
    .formula = "y = sin(pi x) / (pi x), 1 for x = 0",
    .gradient = "dx = dy * (pi x cos(pi x) - sin(pi x)) / (pi x^2), 0 for x = 0",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_sinc,
    .save = { { CD_INPUT, 0 } },
    .backward = sinc_backward,
};
