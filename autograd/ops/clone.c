/* autograd/ops/clone.c
 *
 *   y = x, in memory of its own          dx = dy
 *
 * The copy is contiguous. cd_contiguous is the same for a tensor that is not. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = dy[0];
}

cd_tensor *cd_clone(cd_tensor *x)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_clone, x)) return NULL;
    cd_tensor *y = cd_op_output(&call, x->dtype, x->shape);
    if (y) cd_tensor_copy(y, x);
    return cd_op_end(&call);
}

cd_tensor *cd_contiguous(cd_tensor *x)
{
    if (!cd_check_tensor(x, "contiguous", "input")) return NULL;
    return x->contiguous ? cd_hand_shared(x) : cd_clone(x);
}

const cd_op cd_op_clone = {
    .name = "clone",
    .grad_fn = "CloneBackward0",
    .like = "torch.clone(x)",
    .formula = "y = x, in memory of its own",
    .gradient = "dx = dy",
    .dtypes = "all",
    .backward = backward,
};
