/* autograd/ops/pow_tensor.c
 *
 *   y = a^b, b a tensor
 *   da = dy * b * a^(b - 1), 0 where b = 0
 *   db = dy * y * log(a), 0 where a = 0 and b >= 0
 *
 * a is a tensor or a number; they broadcast. cd_pow calls this when the exponent is a tensor. An
 * integer to a negative integer is 0 here, but for 1 and -1. Saves a, b and y. */
#include "autograd/op_internal.h"

static cd_tensor *for_base(cd_tensor *a, cd_tensor *b, cd_tensor *dy)
{
    cd_tensor *slope = cd_mul(b, cd_pow(a, cd_add(b, -1)));
    return cd_where(cd_eq(b, 0), 0, cd_mul(dy, slope));
}

static cd_tensor *for_exponent(cd_operand a, cd_tensor *b, cd_tensor *y, cd_tensor *dy)
{
    cd_tensor *base = cd_operand_input(a);
    if (!base) base = cd_full(CD_SCALAR, a.number, .dtype = CD_F64); /* any number */
    cd_tensor *flat = cd_mul(cd_eq(base, 0), cd_ge(b, 0));
    return cd_where(flat, 0, cd_mul(dy, cd_mul(y, cd_log(base))));
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, 0), *b = cd_saved_operand(node, 1).tensor;
    cd_operand a = cd_saved_operand(node, 0);
    if (!y || !b || !cd_ok()) return;
    if (cd_wanted(node, 0)) dx[0] = for_base(a.tensor, b, dy[0]);
    if (cd_wanted(node, 1)) dx[1] = for_exponent(a, b, y, dy[0]);
}

static const cd_op with_number_base = {
    .name = "pow",
    .grad_fn = "PowBackward2",
    .like = "torch.pow(a, b) with a number and a tensor",
    .formula = "y = a^b",
    .gradient = "db = dy * y * log(a)",
    .dtypes = "all but bool",
    .backward = backward,
};

cd_tensor *cd_op_pow_of(cd_operand a, cd_operand b)
{
    const cd_op *op = a.kind == CD_OPERAND_TENSOR ? &cd_op_pow_tensor : &with_number_base;
    return cd_op_binary(op, CD_MAP_pow, a, b, CD_SAVES_ALL);
}

cd_tensor *cd_op_pow_by_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_pow_tensor, CD_MAP_pow, x, b, CD_SAVES_ALL);
}

/* Positive bases, so that the power is a smooth function of both. */
static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_pow(cd_add(cd_abs(in[0]), 0.3), in[1]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_pow(p[0], in[0]);
}

static cd_tensor *as_they_are(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_pow(in[0], in[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_pow_(cd_add(cd_abs(in[0]), 0.3), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(4)), cd_arange(4) });
    cd_sample_binary(s, tensors);
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { 2.5 });
    cd_sample(s, number_first, { cd_t(cd_randn(CD_SHAPE(2, 3))) }, { 0.5 });
    cd_sample(s, as_they_are, { cd_arange(4), cd_arange(4) });
    cd_sample(s, as_they_are, { cd_randn(CD_SHAPE(3)), cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *truth = cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL);
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_pow(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_pow(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_pow(x, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_pow(truth, truth));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_pow_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_pow_(NULL, x));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_pow_(cd_arange(3), cd_zeros(CD_SHAPE(3))));
}

const cd_op cd_op_pow_tensor = {
    .name = "pow",
    .grad_fn = "PowBackward1",
    .like = "torch.pow(a, b) with a tensor b",
    .formula = "y = a^b",
    .gradient = "da = dy * b * a^(b - 1), db = dy * y * log(a)",
    .dtypes = "all but bool",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
