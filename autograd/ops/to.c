/* autograd/ops/to.c
 *
 *   y = x, in another dtype          dx = dy, in x's dtype (the engine converts it)
 *
 * x itself when it has the dtype already. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = dy[0];
}

cd_tensor *cd_to(cd_tensor *x, cd_dtype dtype)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_to, x)) return NULL;
    if (x->dtype == dtype) return cd_hand_shared(x);
    cd_tensor *y = cd_op_output(&call, dtype, x->shape);
    if (y) cd_tensor_copy(y, x);
    return cd_op_end(&call);
}

const cd_op cd_op_to = {
    .name = "to",
    .grad_fn = "ToCopyBackward0",
    .like = "x.to(dtype)",
    .formula = "y = x in another dtype",
    .gradient = "dx = dy in x's dtype",
    .dtypes = "all",
    .backward = backward,
};
