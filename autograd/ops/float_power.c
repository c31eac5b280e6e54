/* float_power: a to the power of b, computed in float64 whatever the dtypes. Made of other ops: to
 * and pow. */
#include "autograd/ops_internal.h"
#include "autograd/families/clamp_internal.h"

static cd_operand as_double(cd_operand a)
{
    if (a.kind != CD_OPERAND_TENSOR) return cd_operand_double(a.number);
    return cd_operand_tensor(cd_to(a.tensor, CD_F64));
}

cd_tensor *cd_float_power_with(cd_operand a, cd_operand b)
{
    CD_CALLED("float_power");
    if (!cd_check_operand(a, "float_power", "a") || !cd_check_operand(b, "float_power", "b")) {
        return NULL;
    }
    if (a.kind != CD_OPERAND_TENSOR && b.kind != CD_OPERAND_TENSOR) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "float_power: a and b are numbers, and one must be a tensor");
        return NULL;
    }
    const cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, cd_pow_with(as_double(a), as_double(b)));
}

cd_tensor *cd_float_power_with_(cd_tensor *x, cd_operand b)
{
    CD_CALLED("float_power_");
    if (!cd_check_tensor(x, "float_power_", "x") || !cd_check_operand(b, "float_power_", "b")) {
        return NULL;
    }
    if (x->dtype != CD_F64) {
        (void)cd_fail(CD_ERR_DTYPE, "float_power_: x is %s, and the result float64",
                      cd_dtype_name(x->dtype));
        return NULL;
    }
    const cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    cd_tensor *y = cd_pow_with_(x, as_double(b));
    (void)cd_scope_end(scope);
    return y;
}

const cd_op cd_op_float_power = {
    .name = "float_power",
    .like = "torch.float_power(a, b)",
    .formula = "y = a^b",
    .gradient = "that of pow",
    .dtypes = "all; computed in float64",
    .composed = true,
};
