/* add: the sum of two operands, tensors or numbers, which broadcast. bool + bool is "or". With
 * .alpha b is multiplied by a factor: the op add_scaled.
 *
 * Saves nothing. Kernels: core/cpu/binary.c, core/cpu/arithmetic.c. The engine sums the gradient of
 * an operand over what was broadcast, for this op and for all others. */
#include "autograd/families/arithmetic_internal.h"

enum { A, B };

static void add_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) dx[A] = dy[0];
    if (cd_wanted(node, B)) dx[B] = dy[0];
}

cd_tensor *cd_add_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_add, a, b);
}

cd_tensor *cd_add_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_add, x, b);
}

const cd_op cd_op_add = {
    .name = "add",
    .grad_fn = "AddBackward0",
    .like = "torch.add(a, b)",
    .formula = "y = a + b",
    .gradient = "da = dy, db = dy",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_add,
    .backward = add_backward,
};

/* --- add_scaled: a factor --------------------------------------------------------------------- */

static bool scaled_infer(cd_call *call)
{
    return cd_infer_scaled(call, 1);
}

static void add_scaled_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_scaled_gradients(node, dy[0], dx, 1);
}

cd_tensor *cd_add_alpha_with(cd_alpha_options o)
{
    const double alpha = cd_option_or(o.alpha, 1);
    if (alpha == 1) return cd_add_with(o.a, o.b);
    return cd_scaled(&cd_op_add_scaled, o.a, o.b, alpha, false);
}

cd_tensor *cd_add_alpha_with_(cd_alpha_in_place_options o)
{
    const double alpha = cd_option_or(o.alpha, 1);
    if (alpha == 1) return cd_add_with_(o.x, o.b);
    return cd_scaled(&cd_op_add_scaled, cd_operand_tensor(o.x), o.b, alpha, true);
}

const cd_op cd_op_add_scaled = {
    .name = "add",
    .grad_fn = "AddBackward0",
    .like = "torch.add(a, b, alpha=alpha)",
    .formula = "y = a + alpha b",
    .gradient = "da = dy, db = alpha dy",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_add_scaled,
    CD_OP_ATTRIBUTES(cd_scaled_attributes, cd_scaled_fields),
    .infer = scaled_infer,
    .backward = add_scaled_backward,
};
