/* floor_divide: the quotient of two operands, tensors or numbers, rounded down: div with
 * .rounding_mode = CD_ROUND_FLOOR but for the gradient, which PyTorch does not have; a backward
 * pass that reaches it fails.
 *
 * Saves nothing. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

static void floor_divide_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node, (void)dy, (void)dx;
    (void)cd_fail(CD_ERR_AUTOGRAD,
                  "floor_divide: it has no gradient: detach its operands, or use cd_div "
                  "with .rounding_mode = CD_ROUND_FLOOR, whose gradient is 0");
}

cd_tensor *cd_floor_divide_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_floor_divide, a, b);
}

cd_tensor *cd_floor_divide_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_floor_divide, x, b);
}

const cd_op cd_op_floor_divide = {
    .name = "floor_divide",
    .grad_fn = "NotImplemented",
    .like = "torch.floor_divide(a, b)",
    .formula = "y = floor(a / b)",
    .gradient = "not implemented, as in PyTorch: an error",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(CD_LEFT) | CD_SET(CD_RIGHT),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_div_floor,
    .infer = cd_infer_division,
    .refuse = cd_refuse_divisor,
    .cpu = { .check = cd_check_divisor, .run = cd_run_division },
    .backward = floor_divide_backward,
};
