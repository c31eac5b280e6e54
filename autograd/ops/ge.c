/* ge: whether a is greater than or equal to b; tensors or numbers, which broadcast.
 *
 * They are compared in the dtype that torch.result_type gives for both. Kernel: core/cpu/compare.c.
 */
#include "autograd/dispatch/call_internal.h"

cd_tensor *cd_ge_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_ge, a, b);
}

const cd_op cd_op_ge = {
    .name = "ge",
    .like = "torch.ge(a, b)",
    .formula = "y = a >= b, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all",
    .inputs = 2,
    .numbers = CD_SET(0) | CD_SET(1),
    .input = { "a", "b" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_ge,
};
