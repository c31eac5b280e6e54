/* ldexp: a times 2 to the power of b. Two tensors, which broadcast; integers and bool become
 * float32. A whole b moves the exponent of a exactly, even where 2^b itself is not a float.
 *
 * Saves b for the gradient of a, and y for that of b. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

enum { SAVED_B, SAVED_Y };

static void ldexp_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, CD_LEFT)) dx[CD_LEFT] = cd_ldexp(dy[0], cd_saved_value(node, SAVED_B));
    if (cd_wanted(node, CD_RIGHT)) {
        cd_tensor *slope = cd_mul(cd_saved_value(node, SAVED_Y), 0.6931471805599453); /* ln 2 */
        dx[CD_RIGHT] = cd_mul(dy[0], slope);
    }
}

cd_tensor *cd_ldexp(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_ldexp, a, b);
}

cd_tensor *cd_ldexp_(cd_tensor *x, cd_tensor *b)
{
    return cd_op_in_place(&cd_op_ldexp, x, b);
}

const cd_op cd_op_ldexp = {
    .name = "ldexp",
    .grad_fn = "LdexpBackward0",
    .like = "torch.ldexp(a, b)",
    .formula = "y = a 2^b",
    .gradient = "da = dy 2^b, db = dy y log(2)",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_ldexp,
    .save = { [SAVED_B] = { CD_INPUT, CD_RIGHT, CD_SET(CD_LEFT) },
              [SAVED_Y] = { CD_OUTPUT, 0, CD_SET(CD_RIGHT) } },
    .backward = ldexp_backward,
};
