/* autograd/ops/to.c
 *
 *   y = x, in another dtype          dx = dy, in x's dtype (the engine converts it)
 *
 * x itself when it has the dtype already. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = dy[0];
}

cd_tensor *cd_to(cd_tensor *x, cd_dtype dtype)
{
    cd_call call;
    if (!cd_op_begin(&call, &cd_op_to, x)) return NULL;
    if (x->dtype == dtype) return cd_hand_shared(x);
    cd_tensor *y = cd_op_output(&call, dtype, x->shape);
    if (y) cd_tensor_copy(y, x);
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_to(in[0], (cd_dtype)p[0]);
}

static void samples(cd_samples *s)
{
    for (int dtype = CD_F32; dtype <= CD_BOOL; dtype++) {
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { dtype });
    }
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { CD_F64 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1)) }, { CD_F64 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_to(NULL, CD_F64));
    cd_expect_error(s, CD_ERR_DTYPE, "no dtype", cd_to(cd_zeros(CD_SHAPE(2)), (cd_dtype)77));
}

const cd_op cd_op_to = {
    .name = "to",
    .grad_fn = "ToCopyBackward0",
    .like = "x.to(dtype)",
    .formula = "y = x in another dtype",
    .gradient = "dx = dy in x's dtype",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
