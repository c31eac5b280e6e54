/* atan2: the angle of the point (b, a), from -pi to pi. Two tensors, which broadcast; integers and
 * bool become float32.
 *
 * Saves a and b. Kernel: core/cpu/arithmetic.c. At (0, 0) the gradients are 0. */
#include "autograd/families/arithmetic_internal.h"

static void atan2_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *a = cd_saved_value(node, CD_SAVED_LEFT), *b = cd_saved_value(node, CD_SAVED_RIGHT);
    a = cd_to(a, cd_dtype_of(dy[0])); /* squares of integers would wrap */
    b = cd_to(b, cd_dtype_of(dy[0]));
    cd_tensor *square = cd_add(cd_mul(a, a), cd_mul(b, b));
    cd_tensor *inverse = cd_where(cd_eq(square, 0), 0, cd_reciprocal(square));
    if (cd_wanted(node, CD_LEFT)) dx[CD_LEFT] = cd_mul(dy[0], cd_mul(b, inverse));
    if (cd_wanted(node, CD_RIGHT)) dx[CD_RIGHT] = cd_mul(cd_neg(dy[0]), cd_mul(a, inverse));
}

cd_tensor *cd_atan2(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_atan2, a, b);
}

cd_tensor *cd_atan2_(cd_tensor *x, cd_tensor *b)
{
    return cd_op_in_place(&cd_op_atan2, x, b);
}

const cd_op cd_op_atan2 = {
    .name = "atan2",
    .grad_fn = "Atan2Backward0",
    .like = "torch.atan2(a, b)",
    .formula = "y = the angle of (b, a)",
    .gradient = "da = dy b / (a^2 + b^2), db = -dy a / (a^2 + b^2)",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_atan2,
    .save = CD_SAVE_BOTH,
    .backward = atan2_backward,
};
