/* autograd/ops/add.c
 *
 *   y = a + b          da = dy, db = dy
 *
 * a and b broadcast; tensors or numbers. bool + bool is "or". Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = dy[0];
    if (cd_wanted(node, 1)) dx[1] = dy[0];
}

cd_tensor *cd_add_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(&cd_op_add, CD_MAP_add, a, b, CD_SAVES_NOTHING);
}

cd_tensor *cd_add_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_add, CD_MAP_add, x, b, CD_SAVES_NOTHING);
}

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_add(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_add(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_add(p[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 1.5 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_add(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_add(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_add(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_add_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_add_(cd_arange(3), 0.5));
    cd_tensor *leaf = cd_zeros(CD_SCALAR, .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_add_(leaf, 1));
}

const cd_op cd_op_add = {
    .name = "add",
    .grad_fn = "AddBackward0",
    .like = "torch.add(a, b)",
    .formula = "y = a + b",
    .gradient = "da = dy, db = dy",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
