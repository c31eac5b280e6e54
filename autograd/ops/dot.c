/* dot: the inner product of two vectors, a 0-d tensor.
 *
 * Saves b for the gradient of a, and a for that of b. Kernel: core/cpu/gemm.c, with a as a matrix
 * of one row and b as one of one column. */
#include "autograd/families/product_internal.h"

cd_tensor *cd_dot(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_dot, a, b);
}

const cd_op cd_op_dot = {
    .name = "dot",
    .grad_fn = "DotBackward0",
    .like = "torch.dot(a, b)",
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
