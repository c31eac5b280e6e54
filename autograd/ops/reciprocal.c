/* autograd/ops/reciprocal.c
 *
 *   y = 1 / x          dx = -dy y^2
 *
 * Infinite at 0, with its sign. Integers become float32. Saves y. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, 0);
    dx[0] = cd_mul(cd_neg(dy[0]), cd_mul(y, y));
}

cd_tensor *cd_reciprocal(cd_tensor *x)
{
    return cd_op_unary_floating(&cd_op_reciprocal, CD_MAP_reciprocal, x, CD_SAVES_OUTPUT);
}

cd_tensor *cd_reciprocal_(cd_tensor *x)
{
    return cd_op_unary_floating_in_place(&cd_op_reciprocal, CD_MAP_reciprocal, x, CD_SAVES_OUTPUT);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_reciprocal(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_reciprocal_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, true);
    cd_sample_unary(s, in_place, true);
    cd_sample(s, call, { cd_neg(cd_add(cd_rand(CD_SHAPE(2, 3)), 0.5)) });
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_reciprocal_);
    cd_expect_error(s, CD_ERR_DTYPE, "in place, is int64", cd_reciprocal_(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_reciprocal(NULL));
}

const cd_op cd_op_reciprocal = {
    .name = "reciprocal",
    .grad_fn = "ReciprocalBackward0",
    .like = "torch.reciprocal(x)",
    .formula = "y = 1 / x",
    .gradient = "dx = -dy y^2",
    .dtypes = "floating; others become float32",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
