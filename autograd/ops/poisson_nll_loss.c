/* poisson_nll_loss: the negative log likelihood of counts t under Poisson distributions of rate
 * x, or exp(x), without the terms of t alone. Made of other ops, as in PyTorch. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"

/* Stirling's approximation of log(t!), for t above 1. */
static cd_tensor *stirling(cd_tensor *t)
{
    cd_tensor *half_log = cd_mul(cd_log(cd_mul(t, 6.283185307179586)), 0.5);
    cd_tensor *term = cd_add(cd_sub(cd_mul(t, cd_log(t)), t), half_log);
    return cd_masked_fill(term, cd_le(t, 1), 0);
}

static cd_tensor *each_of(const cd_poisson_nll_loss_options *loss)
{
    cd_tensor *x = loss->input, *t = loss->target;
    cd_tensor *rate = loss->no_log_input ? x : cd_exp(x);
    cd_tensor *log_rate = loss->no_log_input ? cd_log(cd_add(x, cd_option_or(loss->eps, 1e-8))) : x;
    cd_tensor *each = cd_sub(rate, cd_mul(t, log_rate));
    return loss->full ? cd_add(each, stirling(t)) : each;
}

cd_tensor *cd_poisson_nll_loss_with(cd_poisson_nll_loss_options loss)
{
    const char *name = "poisson_nll_loss";
    if (!cd_check_reduction(name, loss.reduction) ||
        !cd_check_pair_loss(name, loss.input, loss.target, NULL)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_reduce_loss(name, each_of(&loss), loss.reduction));
}

const cd_op cd_op_poisson_nll_loss = {
    .name = "poisson_nll_loss",
    .like = "torch.nn.functional.poisson_nll_loss(x, t, log_input=..., full=..., eps=..., "
            "reduction=...)",
    .formula = "y = exp(x) - t x, or x - t log(x + eps); with full for t > 1 + t log(t) - t + "
               "log(2 pi t) / 2; its mean, or its sum",
    .gradient = "that of exp, log, mul, sub and the reduction",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
