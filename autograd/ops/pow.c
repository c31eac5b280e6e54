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

static bool check_exponent(cd_call *call, cd_dtype dtype, cd_operand exponent)
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
    cd_call call;
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

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_pow(in[0], p[0]);
}

/* Parameter 0 as an integer. */
static cd_tensor *to_integer(cd_tensor *const *in, const double *p)
{
    return cd_pow(in[0], (int)p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_pow_(cd_clone(in[0]), p[0]);
}

static void samples(cd_samples *s)
{
    const double exponents[] = { 2, 3, 1, 0, -1, 0.5, -0.5, 2.5, -2 };
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        cd_tensor *x = cd_add(cd_abs(cd_randn(CD_SHAPE(2, 3))), 0.3);
        cd_sample(s, call, { x }, { exponents[i] });
        cd_sample(s, in_place, { x }, { exponents[i] });
    }
    cd_sample(s, to_integer, { cd_randn(CD_SHAPE(2, 3)) }, { 2 });
    cd_sample(s, to_integer, { cd_randn(CD_SHAPE(4)) }, { 3 });
    cd_sample(s, to_integer, { cd_randn(CD_SHAPE(1)) }, { 4 });
    cd_sample(s, to_integer, { cd_randn(CD_SCALAR) }, { 2 });
    cd_sample(s, to_integer, { cd_zeros(CD_SHAPE(2)) }, { 2 });
    cd_sample(s, to_integer, { cd_randn(CD_SHAPE(0, 3)) }, { 3 });
    cd_sample(s, to_integer, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { 2 });
    cd_sample(s, to_integer, { cd_arange(4) }, { 3 });
    cd_sample(s, call, { cd_arange(4) }, { 0.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *truth = cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_pow(NULL, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "negative integer powers", cd_pow(cd_arange(3), -1));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_pow(truth, (bool)true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "8589934592 is not among the numbers of int32",
                    cd_pow(cd_to(cd_arange(3), CD_I32), INT64_C(1) << 33));
    cd_expect_error(s, CD_ERR_ARGUMENT, "uint8", cd_pow(cd_to(cd_arange(3), CD_U8), 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_pow(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_pow_(NULL, 2));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_pow_(cd_arange(3), 0.5));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_pow_(truth, 2));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf",
                    cd_pow_(cd_zeros(CD_SHAPE(2), .requires_grad = true), 2));
}

const cd_op cd_op_pow = {
    .name = "pow",
    .grad_fn = "PowBackward0",
    .like = "torch.pow(x, e) with a number",
    .formula = "y = x^e",
    .gradient = "dx = dy * e * x^(e - 1)",
    .dtypes = "all but bool",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
