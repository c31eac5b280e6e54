/* vdot: the inner product of two vectors, as dot, which differs for complex numbers alone.
 *
 * Saves b for the gradient of a, and a for that of b. Kernel: core/cpu/gemm.c. */
#include "autograd/families/product_internal.h"

cd_tensor *cd_vdot(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_vdot, a, b);
}

const cd_op cd_op_vdot = {
    .name = "vdot",
    .grad_fn = "VdotBackward0",
    .like = "torch.vdot(a, b)",
    .formula = "y = sum of a * b",
    .gradient = "da = dy * b, db = dy * a",
    .dtypes = "all but bool, the same for both",
    .inputs = 2,
    .input = { "mat1", "mat2" },
    .save = CD_DOT_SAVES,
    .infer = cd_infer_dot,
    .cpu = { .run = cd_run_dot },
    .backward = cd_dot_backward,
};
