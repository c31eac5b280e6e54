/* logit: the inverse of sigmoid. x is moved between eps and 1 - eps first; without .eps the result
 * is infinite at 0 and 1, and NaN beyond. Integers and bool become float32.
 *
 * With an eps above 1/2 the lower limit counts, as in PyTorch. The gradient is 0 where x was moved;
 * without .eps it is NaN beyond 0 and 1.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include "autograd/math.h"
#include "autograd/ops_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_logit_attributes, eps, REAL), CD_FIELDS_END };

static const double no_eps = -1;

/* 1 - eps is rounded to the dtype, as in PyTorch. */
static bool logit_infer(cd_call *call)
{
    cd_logit_attributes *a = call->launch.attributes;
    if (!cd_infer_elementwise(call)) return false;
    a->low = a->eps;
    a->high = call->out[0].dtype == CD_F64 ? 1 - a->eps : (double)(1 - (float)a->eps);
    if (a->eps < 0) {
        a->low = -INFINITY;
        a->high = INFINITY;
    }
    return true;
}

static void logit_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_logit_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, 0);
    const bool moved = a->eps >= 0;
    const double low = moved ? a->low : 0, high = moved ? a->high : 1, beyond = moved ? 0 : NAN;
    /* Adding 0 makes 0 of -0, so that the slope there is infinity as at 0. */
    cd_tensor *slope = cd_div(dy[0], cd_add(cd_mul(x, cd_sub(1, x)), 0));
    dx[0] = cd_where(cd_lt(x, low), beyond, cd_where(cd_gt(x, high), beyond, slope));
}

cd_tensor *cd_logit_with(cd_logit_options options)
{
    cd_logit_attributes a = { .eps = cd_option_or(options.eps, no_eps) };
    return cd_op_with(&cd_op_logit, &a, options.x);
}

cd_tensor *cd_logit_with_(cd_logit_options options)
{
    cd_logit_attributes a = { .eps = cd_option_or(options.eps, no_eps) };
    return cd_op_in_place_with(&cd_op_logit, &a, options.x);
}

const cd_op cd_op_logit = {
    .name = "logit",
    .grad_fn = "LogitBackward0",
    .like = "torch.logit(x, eps)",
    .formula = "y = log(z / (1 - z)), z = x between eps and 1 - eps",
    .gradient = "dx = dy / (x (1 - x)), 0 where x is not between eps and 1 - eps",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_logit,
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_logit_attributes, fields),
    .infer = logit_infer,
    .backward = logit_backward,
};
