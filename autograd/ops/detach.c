/* detach: a view of x without its history: a leaf that requires no gradient. No gradient flows
 * through it. */
#include "autograd/dispatch/call_internal.h"

static bool detach_infer(cd_call *call)
{
    (void)cd_infer_like(call, call->in[0].tensor);
    return true;
}

cd_tensor *cd_detach(cd_tensor *x)
{
    return cd_op_apply(&cd_op_detach, x);
}

const cd_op cd_op_detach = {
    .name = "detach",
    .like = "x.detach()",
    .formula = "y = x without its history; a view",
    .gradient = "none: it cuts the graph",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    .infer = detach_infer,
};
