/* cross_entropy: the loss of logits of N x C, N x C x ... or C against class numbers. Made of other
 * ops: log_softmax over the dimension of the classes, then nll_loss; see there for targets and
 * options. */
#include "autograd/families/loss_internal.h"

/* Whether nll_loss will accept the call. It is asked with the logits, which have the dtype and
 * shape of their log_softmax, so that a wrong call fails before anything is computed. */
static bool cross_entropy_check(const cd_loss_options *loss)
{
    cd_nll_call nll;
    return cd_nll_begin(&nll, "cross_entropy", loss) && cd_call_check(&nll.call);
}

cd_tensor *cd_cross_entropy_with(cd_loss_options loss)
{
    if (!cross_entropy_check(&loss)) return NULL;
    cd_tensor *log_p = cd_log_softmax(loss.input, loss.input->shape.ndim > 1 ? 1 : 0);
    if (!log_p) return NULL;
    loss.input = log_p;
    cd_tensor *y = cd_nll_loss_with(loss);
    (void)cd_drop(log_p); /* the graph has saved what backward needs */
    return y;
}

const cd_op cd_op_cross_entropy = {
    .name = "cross_entropy",
    .like = "torch.nn.functional.cross_entropy(x, t, weight=..., ignore_index=..., reduction=...)",
    .formula = "y = nll_loss(log_softmax(x)), over the dimension of the classes",
    .gradient = "that of nll_loss and log_softmax",
    .dtypes = "floating; targets int64 or uint8",
    .composed = true,
};
