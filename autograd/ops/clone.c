/* clone: a copy of x, contiguous, in memory of its own. cd_contiguous makes one of a tensor that is
 * not contiguous.
 *
 * Saves nothing. Kernel: core/cpu/copy.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
#include "core/cpu/elementwise_internal.h"

static void clone_run(const cd_launch *launch)
{
    cd_cpu_convert(&launch->out[0], &launch->in[0]);
}

cd_tensor *cd_clone(cd_tensor *x)
{
    return cd_op_apply(&cd_op_clone, x);
}

cd_tensor *cd_contiguous(cd_tensor *x)
{
    if (!cd_check_tensor(x, "contiguous", "x")) return NULL;
    return x->contiguous ? cd_hand_shared(x) : cd_clone(x);
}

const cd_op cd_op_clone = {
    .name = "clone",
    .grad_fn = "CloneBackward0",
    .like = "torch.clone(x)",
    .formula = "y = x, in memory of its own",
    .gradient = "dx = dy",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .infer = cd_infer_same,
    .cpu = { .run = clone_run },
    .backward = cd_same_backward,
};
