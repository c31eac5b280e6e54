/* autograd/ops/detach.c
 *
 *   y = x          no gradient flows
 *
 * A view with no history: a leaf that requires no gradient. */
#include "autograd/ops_internal.h"

cd_tensor *cd_detach(cd_tensor *x)
{
    cd_call call;
    if (!cd_op_begin(&call, &cd_op_detach, x)) return NULL;
    (void)cd_op_output_view(&call, x, x->shape, x->stride, x->offset);
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_detach(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_detach(NULL));
}

const cd_op cd_op_detach = {
    .name = "detach",
    .like = "x.detach()",
    .formula = "y = x without its history; a view",
    .gradient = "none: that is its purpose",
    .dtypes = "all",
    .samples = samples,
    .misuse = misuse,
};
