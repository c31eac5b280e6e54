/* softshrink: x moved towards 0 by lambd. NaN stays; its gradient is 0, as by PyTorch's vector
 * code.
 *
 * Saves x. Kernels, of softshrink and of its gradient, which is an op itself:
 * core/cpu/activation.c. */
#include <float.h>

#include "autograd/families/activation_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_shrink_numbers, lambd, REAL), CD_FIELDS_END };

static void softshrink_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_softshrink_backward, dy[0]);
}

static bool softshrink_infer(cd_call *call)
{
    const cd_shrink_numbers *a = call->launch.attributes;
    if (!cd_infer_elementwise(call)) return false;
    return (a->lambd >= 0 && a->lambd <= DBL_MAX && cd_dtype_takes(call->out[0].dtype, a->lambd)) ||
           cd_refuse(call, CD_ERR_ARGUMENT,
                     "lambd is %g, and must be a number of %s that is 0 or more", a->lambd,
                     cd_dtype_name(call->out[0].dtype));
}

cd_tensor *cd_softshrink_with(cd_shrink_options o)
{
    cd_shrink_numbers a = { .lambd = cd_option_or(o.lambd, 0.5) };
    return cd_op_with(&cd_op_softshrink, &a, o.x);
}

const cd_op cd_op_softshrink = {
    .name = "softshrink",
    .grad_fn = "SoftshrinkBackward0",
    .like = "torch.nn.functional.softshrink(x, lambd=0.5)",
    .formula = "y = x - lambd where x > lambd, x + lambd where x < -lambd, else 0",
    .gradient = "dx = dy where x > lambd or x < -lambd, else 0",
    CD_ACTIVATION,
    .map = CD_MAP_softshrink,
    CD_OP_ATTRIBUTES(cd_shrink_numbers, fields),
    .infer = softshrink_infer,
    .save = { { CD_INPUT, 0 } },
    .backward = softshrink_backward,
};

/* --- softshrink_backward: the gradient, in one pass over dy and x ----------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g; x gets none. */
static void softshrink_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_softshrink_backward, g[0]);
    }
}

const cd_op cd_op_softshrink_backward = {
    .name = "softshrink_backward",
    .grad_fn = "SoftshrinkBackwardBackward0",
    .formula = "dx = dy where x > lambd or x < -lambd, else 0",
    .gradient = "for dy: the same of g; none for x",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_shrink_backward,
    CD_OP_ATTRIBUTES(cd_shrink_numbers, fields),
    .infer = cd_infer_activation,
    .save = CD_ACTIVATION_SAVES_X,
    .backward = softshrink_backward_backward,
};
