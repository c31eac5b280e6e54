/* autograd/ops/mul.c
 *
 *   y = a * b          da = dy * b, db = dy * a
 *
 * a and b broadcast; tensors or numbers. bool * bool is "and". Saves a if db is wanted, b if da is.
 */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0))
        dx[0] = cd_mul_with(cd_operand_tensor(dy[0]), cd_saved_operand(node, 1));
    if (cd_wanted(node, 1))
        dx[1] = cd_mul_with(cd_operand_tensor(dy[0]), cd_saved_operand(node, 0));
}

cd_tensor *cd_mul_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_mul, CD_MAP_mul, a, b, CD_SAVES_INPUT);
}

cd_tensor *cd_mul_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_mul, CD_MAP_mul, x, b, CD_SAVES_INPUT);
}

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_mul(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_mul(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_mul(p[0], in[0]);
}

static cd_tensor *with_itself(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_mul(in[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 1.5 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2 });
    cd_sample(s, with_itself, { cd_randn(CD_SHAPE(2, 3)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_mul(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_mul(NULL, x));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_mul_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_mul_(cd_arange(3), 0.5));
}

const cd_op cd_op_mul = {
    .name = "mul",
    .grad_fn = "MulBackward0",
    .like = "torch.mul(a, b)",
    .formula = "y = a * b",
    .gradient = "da = dy * b, db = dy * a",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
