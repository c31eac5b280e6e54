/* autograd/ops/minimum.c
 *
 *   y = min(a, b)
 *   da = dy where a < b, db = dy where a > b, half each where they are equal
 *
 * a and b broadcast; tensors or numbers (in PyTorch only tensors). NaN wins over all numbers, and
 * beside it both have the gradient whole. bool is "and". Saves both. */
#include "autograd/clamp_internal.h"

cd_tensor *cd_minimum_with(cd_operand a, cd_operand b)
{
    return cd_op_choice(&cd_op_minimum, CD_MAP_minimum, a, b);
}

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_minimum(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_minimum(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_minimum(p[0], in[0]);
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
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_minimum(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_minimum(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_minimum(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", cd_minimum(1, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 is not among", cd_minimum(cd_to(x, CD_U8), -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "int32", cd_minimum(-3000000000, cd_to(x, CD_I32)));
}

const cd_op cd_op_minimum = {
    .name = "minimum",
    .grad_fn = "MinimumBackward0",
    .like = "torch.minimum(a, b)",
    .formula = "y = min(a, b)",
    .gradient = "da = dy where a < b, db = dy where a > b, half each where equal",
    .dtypes = "all",
    .backward = cd_minimum_backward,
    .samples = samples,
    .misuse = misuse,
};
