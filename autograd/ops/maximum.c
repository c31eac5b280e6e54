/* autograd/ops/maximum.c
 *
 *   y = max(a, b)
 *   da = dy where a > b, db = dy where a < b, half each where they are equal
 *
 * a and b broadcast; tensors or numbers (in PyTorch only tensors). NaN wins over all numbers, and
 * beside it both have the gradient whole. bool is "or". Saves both. */
#include "autograd/clamp_internal.h"

cd_tensor *cd_maximum_with(cd_operand a, cd_operand b)
{
    return cd_op_choice(&cd_op_maximum, CD_MAP_maximum, a, b);
}

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_maximum(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_maximum(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_maximum(p[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 0.5 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -0.5 });
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 1, .dtype = CD_I64) });
    cd_sample(s, tensors, { cd_arange(3), cd_randn(CD_SHAPE(3)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_maximum(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_maximum(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_maximum(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_maximum(1, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300 is not among", cd_maximum(cd_to(x, CD_U8), 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "float32", cd_maximum(1e300, x));
}

const cd_op cd_op_maximum = {
    .name = "maximum",
    .grad_fn = "MaximumBackward0",
    .like = "torch.maximum(a, b)",
    .formula = "y = max(a, b)",
    .gradient = "da = dy where a > b, db = dy where a < b, half each where equal",
    .dtypes = "all",
    .backward = cd_maximum_backward,
    .samples = samples,
    .misuse = misuse,
};
