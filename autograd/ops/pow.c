/* autograd/ops/pow.c
 *
 *   y = x^e, e a number          dx = dy * e * x^(e - 1), 0 for e = 0
 *
 * Squares, cubes, roots and reciprocals are computed as such. An integer to a negative integer is
 * an error. Powers to a tensor are in pow_tensor.c. Saves x. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    double e = cd_saved_operand(node, 1).number;
    cd_tensor *x = cd_saved_value(node, 0);
    if (e == 0) {
        dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
    } else if (e == 1) {
        dx[0] = dy[0];
    } else {
        dx[0] = cd_mul(dy[0], cd_mul(e == 2 ? x : cd_pow(x, e - 1), e));
    }
}

/* `by` is e as a tensor. */
static void compute(cd_tensor *y, const cd_tensor *x, const cd_tensor *by, double e)
{
    const bool floating = cd_dtype_is_floating(x->dtype);
    if (e == 2) {
        cd_map_1(CD_MAP_square, y, x, NULL);
    } else if (e == 1) {
        if (y != x) cd_tensor_copy(y, x);
    } else if (floating && e == 0.5) {
        cd_map_1(CD_MAP_sqrt, y, x, NULL);
    } else if (floating && e == -0.5) {
        cd_map_1(CD_MAP_rsqrt, y, x, NULL);
    } else {
        cd_map_2(CD_MAP_pow, y, x, by, NULL);
    }
}

static int64_t most_of(cd_dtype dtype)
{
    return dtype == CD_U8 ? UINT8_MAX : dtype == CD_I32 ? INT32_MAX : INT64_MAX;
}

static bool check_exponent(cd_old_call *call, cd_dtype dtype, cd_operand exponent)
{
    if (!cd_op_check_map(call, CD_MAP_pow, dtype)) return false;
    if (cd_dtype_is_floating(dtype)) return true;
    if (exponent.integer < 0) {
        return cd_op_fail(call, CD_ERR_ARGUMENT,
                          "integers (%s) to negative integer powers (%lld) are not allowed: make "
                          "the exponent a double, or convert the tensor with cd_to",
                          cd_dtype_name(dtype), (long long)exponent.integer);
    }
    return exponent.integer <= most_of(dtype) ||
           cd_op_fail(call, CD_ERR_ARGUMENT, "the exponent %lld is not among the numbers of %s",
                      (long long)exponent.integer, cd_dtype_name(dtype));
}

static cd_tensor *to_number(cd_tensor *x, cd_operand exponent, bool in_place)
{
    cd_old_call call;
    if (!cd_op_begin_on(&call, &cd_op_pow, x, in_place)) return NULL;
    cd_dtype dtype = cd_result_type((const cd_operand[]){ cd_operand_tensor(x), exponent }, 2);
    if (!check_exponent(&call, dtype, exponent)) return cd_op_end(&call);
    cd_tensor *by = cd_op_operand(&call, exponent, dtype);
    cd_op_save_operand(&call, 1, exponent);
    cd_tensor *y = cd_op_target(&call, x, dtype, CD_SAVES_INPUT);
    cd_tensor *from = cd_op_as(&call, x, dtype);
    if (y && from) compute(y, from, by, exponent.number);
    return cd_op_end(&call);
}

cd_tensor *cd_pow_with(cd_operand a, cd_operand b)
{
    if (a.kind != CD_OPERAND_TENSOR || b.kind == CD_OPERAND_TENSOR) return cd_op_pow_of(a, b);
    return to_number(a.tensor, b, false);
}

cd_tensor *cd_pow_with_(cd_tensor *x, cd_operand b)
{
    if (b.kind == CD_OPERAND_TENSOR) return cd_op_pow_by_(x, b);
    return to_number(x, b, true);
}

const cd_op cd_op_pow = {
    .name = "pow",
    .grad_fn = "PowBackward0",
    .like = "torch.pow(x, e) with a number",
    .formula = "y = x^e",
    .gradient = "dx = dy * e * x^(e - 1)",
    .dtypes = "all but bool",
    .backward = backward,
};
