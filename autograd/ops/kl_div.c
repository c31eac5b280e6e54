/* kl_div: the divergence of logarithms x of probabilities from probabilities t, per element, its
 * mean or its sum. Made of other ops, as in PyTorch. */
#include "autograd/binary.h"
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"

static bool check(const char *name, const cd_kl_div_options *loss)
{
    if (loss->batchmean && loss->reduction != CD_MEAN) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .batchmean is a reduction, and .reduction another one",
                       name);
    }
    return cd_check_reduction(name, loss->reduction) &&
           cd_check_pair_loss(name, loss->input, loss->target, NULL);
}

static cd_tensor *each_of(const cd_kl_div_options *loss)
{
    cd_tensor *x = loss->input, *t = loss->target;
    if (loss->log_target) return cd_mul(cd_exp(t), cd_sub(t, x));
    return cd_sub(cd_xlogy(t, t), cd_mul(t, x));
}

cd_tensor *cd_kl_div_with(cd_kl_div_options loss)
{
    const char *name = "kl_div";
    if (!check(name, &loss)) return NULL;
    cd_scope scope = cd_scope_begin();
    const cd_reduction reduction = loss.batchmean ? CD_SUM : loss.reduction;
    cd_tensor *y = cd_reduce_loss(name, each_of(&loss), reduction);
    if (loss.batchmean && loss.input->shape.ndim > 0) {
        y = cd_div(y, loss.input->shape.dim[0]);
    }
    return cd_ops_end(scope, y);
}

const cd_op cd_op_kl_div = {
    .name = "kl_div",
    .like = "torch.nn.functional.kl_div(x, t, log_target=..., reduction=...)",
    .formula = "y = t (log(t) - x), with log_target exp(t) (t - x); its mean, or its sum",
    .gradient = "that of xlogy, exp, mul, sub and the reduction",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
