/* to_device: x copied to another device; x itself if it is there already.
 *
 * Saves nothing. There is no kernel: the dispatcher makes the copy. The engine brings the gradient
 * to x's device. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"

cd_tensor *cd_to_device(cd_tensor *x, cd_device device)
{
    cd_call call;
    const cd_operand in = cd_operand_tensor(x);
    if (!cd_device_check(&device, "to_device") || !cd_check_tensor(x, "to_device", "x")) {
        return NULL;
    }
    if (cd_tensor_device(x) == device) return cd_hand_shared(x);
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
    .backward = cd_same_backward,
};
