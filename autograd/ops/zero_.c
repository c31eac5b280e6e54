/* autograd/ops/zero_.c
 *
 *   x = 0, in place          dx = 0
 *
 * Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
}

cd_tensor *cd_zero_(cd_tensor *x)
{
    cd_old_call call;
    cd_tensor *const inputs[1] = { x };
    if (!cd_op_begin_in_place(&call, &cd_op_zero_, 1, 1, inputs)) return NULL;
    if (cd_op_before_write(&call)) {
        const int64_t zero = 0; /* all its bits are 0, so it is the zero of every dtype */
        cd_map_0(CD_MAP_fill, x, &zero);
    }
    return cd_op_end(&call);
}

const cd_op cd_op_zero_ = {
    .name = "zero_",
    .grad_fn = "ZeroBackward0",
    .like = "x.zero_()",
    .formula = "x = 0, in place",
    .gradient = "dx = 0",
    .dtypes = "all",
    .overwrites = true,
    .backward = backward,
};
