/* autograd/ops/neg.c
 *
 *   y = -x          dx = -dy
 *
 * Numbers of every dtype; not bool. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_neg(dy[0]);
}

cd_tensor *cd_neg(cd_tensor *x)
{
    return cd_op_unary(&cd_op_neg, CD_MAP_neg, x, CD_SAVES_NOTHING);
}

cd_tensor *cd_neg_(cd_tensor *x)
{
    return cd_op_unary_in_place(&cd_op_neg, CD_MAP_neg, x, CD_SAVES_NOTHING);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_neg(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_neg_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_neg_);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_neg_(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_neg(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_neg(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
}

const cd_op cd_op_neg = {
    .name = "neg",
    .grad_fn = "NegBackward0",
    .like = "torch.neg(x)",
    .formula = "y = -x",
    .gradient = "dx = -dy",
    .dtypes = "all but bool",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
