/* autograd/ops/clamp_min.c
 *
 *   y = max(x, low)
 *   dx = dy where x >= low, else 0          dlow = dy where x < low, else 0
 *
 * low is a number, or a tensor that broadcasts. NaN passes. With a number saves x, else both. */
#include "autograd/op_internal.h"

static const cd_op with_tensor_bound = {
    .name = "clamp_min",
    .grad_fn = "ClampMinBackward1",
    .like = "torch.clamp_min(x, low) with a tensor",
    .formula = "y = max(x, low)",
    .gradient = "dx = dy where x >= low, dlow = dy where x < low",
    .dtypes = "all",
    .backward = cd_clamp_tensor_backward,
};

cd_tensor *cd_clamp_min_with(cd_tensor *x, cd_operand low)
{
    static const cd_clamp_op op = { &cd_op_clamp_min, &with_tensor_bound, false };
    return cd_op_clamp(&op, x, low);
}

static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return cd_clamp_min(in[0], p[0]);
}

static cd_tensor *tensor(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_clamp_min(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, number, false);
    cd_sample_binary(s, tensor);
    cd_sample(s, number, { cd_randn(CD_SHAPE(3, 2)) }, { 0.5 });
    cd_sample(s, number, { cd_arange(3) }, { 0.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *bytes = cd_zeros(CD_SHAPE(2), .dtype = CD_U8);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_clamp_min(NULL, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "bound is NULL", cd_clamp_min(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_clamp_min(x, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "uint8", cd_clamp_min(bytes, 300));
}

const cd_op cd_op_clamp_min = {
    .name = "clamp_min",
    .grad_fn = "ClampMinBackward0",
    .like = "torch.clamp_min(x, low)",
    .formula = "y = max(x, low)",
    .gradient = "dx = dy where x >= low, else 0",
    .dtypes = "all; with a number not bool",
    .backward = cd_clamp_number_backward,
    .samples = samples,
    .misuse = misuse,
};
