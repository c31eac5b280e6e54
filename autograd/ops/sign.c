/* autograd/ops/sign.c
 *
 *   y = 1, 0 or -1, as x is above, at or below 0          dx = 0
 *
 * Of NaN it is 0. Not bool. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
}

cd_tensor *cd_sign(cd_tensor *x)
{
    return cd_op_unary(&cd_op_sign, CD_MAP_sign, x, CD_SAVES_NOTHING);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_sign(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_sign(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_sign(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
}

const cd_op cd_op_sign = {
    .name = "sign",
    .grad_fn = "SignBackward0",
    .like = "torch.sign(x)",
    .formula = "y = 1, 0 or -1, as x is above, at or below 0",
    .gradient = "dx = 0",
    .dtypes = "all but bool",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
