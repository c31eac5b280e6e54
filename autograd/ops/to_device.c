/* autograd/ops/to_device.c
 *
 *   y = x, on another device          dx = dy, on x's device (the engine brings it there)
 *
 * x itself when it is there already. */
#include "autograd/op/call_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = dy[0];
}

cd_tensor *cd_to_device(cd_tensor *x, cd_device device)
{
    cd_call call;
    const cd_operand in = cd_operand_tensor(x);
    if (!cd_device_check(&device, "to_device") || !cd_check_tensor(x, "to_device", "x")) {
        return NULL;
    }
    if (cd_device_at(x) == device) return cd_hand_shared(x);
    cd_call_begin(&call, &cd_op_to_device, &in, 1);
    call.device = device;
    return cd_call_run(&call);
}

const cd_op cd_op_to_device = {
    .name = "to_device",
    .grad_fn = "ToCopyBackward0",
    .like = "x.to(device)",
    .formula = "y = x on another device",
    .gradient = "dx = dy on x's device",
    .dtypes = "all",
    .moves = true,
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_COPIED, 0 } },
    .infer = cd_infer_same,
    .backward = backward,
};
