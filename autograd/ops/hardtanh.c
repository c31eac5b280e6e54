/* hardtanh: x limited to a range. No gradient passes at its ends, nor where x is NaN. Bounds of
 * integers are cut to whole numbers, and one that changes no element, such as -1 for uint8, may be
 * outside of the dtype's range.
 *
 * Saves x. Kernels: those of clamp. relu6's gradient is the same op. */
#include "autograd/families/activation_internal.h"
#include "autograd/families/clamp_internal.h"

cd_tensor *cd_hardtanh_with(cd_hardtanh_options o)
{
    const double least = cd_option_or(o.min_val, -1), most = cd_option_or(o.max_val, 1);
    return cd_hardtanh_by(&cd_op_hardtanh, o.x, least, most, o.inplace);
}

const cd_op cd_op_hardtanh = {
    .name = "hardtanh",
    .grad_fn = "HardtanhBackward0",
    .like = "torch.nn.functional.hardtanh(x, min_val=-1, max_val=1)",
    .formula = "y = min(max(x, min_val), max_val)",
    .gradient = "dx = dy where min_val < x < max_val, else 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_NUMERIC,
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_clamp_attributes, cd_clamp_fields),
    .infer = cd_infer_clamp,
    .cpu = { .run = cd_run_clamp },
    .backward = cd_hardtanh_backward,
};

/* --- hardtanh_backward: the gradient, in one pass over dy and x ------------------------------- */

/* g is the gradient of dx. The gradient of dy is the same op of g; x gets none. */
static void hardtanh_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_hardtanh_backward, g[0]);
    }
}

const cd_op cd_op_hardtanh_backward = {
    .name = "hardtanh_backward",
    .grad_fn = "HardtanhBackwardBackward0",
    .formula = "dx = dy where min_val < x < max_val, else 0",
    .gradient = "for dy: the same of g; none for x",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_clamp_backward,
    CD_OP_ATTRIBUTES(cd_clamp_attributes, cd_clamp_fields),
    .save = CD_ACTIVATION_SAVES_X,
    .backward = hardtanh_backward_backward,
};
