/* autograd/ops/sqrt.c
 *
 *   y = square root of x          dx = dy / (2 y)
 *
 * NaN below 0; the gradient at 0 is infinite. Integers become float32. Saves y. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_div(dy[0], cd_mul(cd_saved_value(node, 0), 2));
}

cd_tensor *cd_sqrt(cd_tensor *x)
{
    return cd_op_unary_floating(&cd_op_sqrt, CD_MAP_sqrt, x, CD_SAVES_OUTPUT);
}

cd_tensor *cd_sqrt_(cd_tensor *x)
{
    return cd_op_unary_floating_in_place(&cd_op_sqrt, CD_MAP_sqrt, x, CD_SAVES_OUTPUT);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_sqrt(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_sqrt_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, true);
    cd_sample_unary(s, in_place, true);
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_sqrt_);
    cd_expect_error(s, CD_ERR_DTYPE, "in place, is int64", cd_sqrt_(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_sqrt(NULL));
}

const cd_op cd_op_sqrt = {
    .name = "sqrt",
    .grad_fn = "SqrtBackward0",
    .like = "torch.sqrt(x)",
    .formula = "y = square root of x",
    .gradient = "dx = dy / (2 y)",
    .dtypes = "floating; others become float32",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
