/* autograd/ops/abs.c
 *
 *   y = |x|          dx = dy * sign(x)
 *
 * The gradient at 0 is 0. Not bool. Saves x. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_sign(cd_saved_value(node, 0)));
}

cd_tensor *cd_abs(cd_tensor *x)
{
    return cd_op_unary(&cd_op_abs, CD_MAP_abs, x, CD_SAVES_INPUT);
}

cd_tensor *cd_abs_(cd_tensor *x)
{
    return cd_op_unary_in_place(&cd_op_abs, CD_MAP_abs, x, CD_SAVES_INPUT);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_abs(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_abs_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_abs_);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_abs_(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_abs(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_abs(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL)));
}

const cd_op cd_op_abs = {
    .name = "abs",
    .grad_fn = "AbsBackward0",
    .like = "torch.abs(x)",
    .formula = "y = |x|",
    .gradient = "dx = dy * sign(x)",
    .dtypes = "all but bool",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
