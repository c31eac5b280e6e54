/* autograd/ops/zero_.c
 *
 *   x = 0, in place          dx = 0
 *
 * Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
}

cd_tensor *cd_zero_(cd_tensor *x)
{
    cd_call call;
    cd_tensor *const inputs[1] = { x };
    if (!cd_op_begin_in_place(&call, &cd_op_zero_, 1, 1, inputs)) return NULL;
    if (cd_op_before_write(&call)) {
        const int64_t zero = 0; /* all its bits are 0, so it is the zero of every dtype */
        cd_map_0(CD_MAP_fill, x, &zero);
    }
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_zero_(cd_clone(in[0]));
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    (void)p;
    CD_NO_GRAD();
    return cd_zero_(cd_t(cd_clone(in[0])));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, in_a_transposed_copy, { cd_arange(4) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_zero_(NULL));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_zero_(leaf));
    cd_expect_error(s, CD_ERR_ARGUMENT, "share one place",
                    cd_zero_(cd_expand(cd_zeros(CD_SHAPE(1)), CD_SHAPE(3))));
}

const cd_op cd_op_zero_ = {
    .name = "zero_",
    .grad_fn = "ZeroBackward0",
    .like = "x.zero_()",
    .formula = "x = 0, in place",
    .gradient = "dx = 0",
    .dtypes = "all",
    .overwrites = true,
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
