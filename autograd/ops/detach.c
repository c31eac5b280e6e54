/* autograd/ops/detach.c
 *
 *   y = x          no gradient flows
 *
 * A view with no history: a leaf that requires no gradient. */
#include "autograd/ops_internal.h"

cd_tensor *cd_detach(cd_tensor *x)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_detach, x)) return NULL;
    (void)cd_op_output_view(&call, x, x->shape, x->stride, x->offset);
    return cd_op_end(&call);
}

const cd_op cd_op_detach = {
    .name = "detach",
    .like = "x.detach()",
    .formula = "y = x without its history; a view",
    .gradient = "none: that is its purpose",
    .dtypes = "all",
};
