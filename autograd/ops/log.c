/* autograd/ops/log.c
 *
 *   y = natural logarithm of x          dx = dy / x
 *
 * -inf at 0, NaN below. Integers become float32. Saves x. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_div(dy[0], cd_saved_value(node, 0));
}

cd_tensor *cd_log(cd_tensor *x)
{
    return cd_op_unary_floating(&cd_op_log, CD_MAP_log, x, CD_SAVES_INPUT);
}

cd_tensor *cd_log_(cd_tensor *x)
{
    return cd_op_unary_floating_in_place(&cd_op_log, CD_MAP_log, x, CD_SAVES_INPUT);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_log(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_log_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, true);
    cd_sample_unary(s, in_place, true);
    cd_sample(s, call, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, cd_log_);
    cd_expect_error(s, CD_ERR_DTYPE, "in place, is int64", cd_log_(cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_log(NULL));
}

const cd_op cd_op_log = {
    .name = "log",
    .grad_fn = "LogBackward0",
    .like = "torch.log(x)",
    .formula = "y = natural logarithm of x",
    .gradient = "dx = dy / x",
    .dtypes = "floating; others become float32",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
