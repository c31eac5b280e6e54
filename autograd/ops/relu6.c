/* relu6: relu, limited to 6. Saves x. Kernels and gradient: those of hardtanh from 0 to 6. */
#include "autograd/families/activation_internal.h"
#include "autograd/families/clamp_internal.h"

cd_tensor *cd_relu6(cd_tensor *x)
{
    return cd_hardtanh_by(&cd_op_relu6, x, 0, 6, false);
}

cd_tensor *cd_relu6_(cd_tensor *x)
{
    return cd_hardtanh_by(&cd_op_relu6, x, 0, 6, true);
}

const cd_op cd_op_relu6 = {
    .name = "relu6",
    .grad_fn = "HardtanhBackward0",
    .like = "torch.nn.functional.relu6(x)",
    .formula = "y = min(max(x, 0), 6)",
    .gradient = "dx = dy where 0 < x < 6, else 0",
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
