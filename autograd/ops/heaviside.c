/* heaviside: the step function of a: 0 below 0 and of NaN, 1 above, and b at 0. Two tensors of one
 * dtype, which broadcast.
 *
 * PyTorch has no gradient for it; a backward pass that reaches it fails. Kernel:
 * core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

static void heaviside_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node, (void)dy, (void)dx;
    (void)cd_fail(CD_ERR_AUTOGRAD, "heaviside: it has no gradient: detach its operands");
}

static bool heaviside_infer(cd_call *call)
{
    const cd_dtype a = call->in[CD_LEFT].tensor->dtype, b = call->in[CD_RIGHT].tensor->dtype;
    if (a == b) return cd_infer_elementwise(call);
    return cd_refuse(call, CD_ERR_DTYPE,
                     "a is %s and b is %s: both must have one dtype (cd_to converts)",
                     cd_dtype_name(a), cd_dtype_name(b));
}

cd_tensor *cd_heaviside(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_heaviside, a, b);
}

cd_tensor *cd_heaviside_(cd_tensor *x, cd_tensor *b)
{
    return cd_op_in_place(&cd_op_heaviside, x, b);
}

const cd_op cd_op_heaviside = {
    .name = "heaviside",
    .grad_fn = "NotImplemented",
    .like = "torch.heaviside(a, b)",
    .formula = "y = 0 where a < 0, b where a = 0, 1 where a > 0",
    .gradient = "not implemented, as in PyTorch: an error",
    .dtypes = "all, the same for both",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_heaviside,
    .infer = heaviside_infer,
    .backward = heaviside_backward,
};
