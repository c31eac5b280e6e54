/* autograd/ops/sign.c
 *
 *   y = 1, 0 or -1, as x is above, at or below 0          dx = 0
 *
 * Of NaN it is 0. Not bool. Saves nothing. */
#include "autograd/op/call_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_zeros_like(dy[0]);
}

cd_tensor *cd_sign(cd_tensor *x)
{
    return cd_op_apply(&cd_op_sign, x);
}

const cd_op cd_op_sign = {
    .name = "sign",
    .grad_fn = "SignBackward0",
    .like = "torch.sign(x)",
    .formula = "y = 1, 0 or -1, as x is above, at or below 0",
    .gradient = "dx = 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .takes = CD_NUMBERS,
    .map = CD_MAP_sign,
    .backward = backward,
};
