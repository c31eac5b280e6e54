/* multilabel_soft_margin_loss: the cross entropy of logits x with targets t, averaged over the last
 * dimension. Made of other ops, as in PyTorch. */
#include "autograd/activation.h"
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"

static cd_tensor *each_of(const cd_loss_options *loss)
{
    cd_tensor *x = loss->input, *t = loss->target;
    cd_tensor *positive = cd_mul(t, cd_logsigmoid(x));
    cd_tensor *negative = cd_mul(cd_sub(1, t), cd_logsigmoid(cd_neg(x)));
    cd_tensor *each = cd_neg(cd_add(positive, negative));
    if (loss->weight) each = cd_mul(each, loss->weight);
    return cd_div(cd_sum_dim(each, x->shape.ndim - 1), x->shape.dim[x->shape.ndim - 1]);
}

cd_tensor *cd_multilabel_soft_margin_loss_with(cd_loss_options loss)
{
    const char *name = "multilabel_soft_margin_loss";
    cd_tensor *const in[3] = { loss.input, loss.target, loss.weight };
    if (!cd_check_loss(name, &loss, CD_LOSS_TAKES_WEIGHT) ||
        !cd_check_loss_tensors(name, loss.weight ? 3 : 2, in,
                               (const char *[]){ "input", "target", "weight" })) {
        return NULL;
    }
    if (loss.input->shape.ndim == 0) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: the input is a scalar, and must have a last dimension",
                      name);
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_reduce_loss(name, each_of(&loss), loss.reduction));
}

const cd_op cd_op_multilabel_soft_margin_loss = {
    .name = "multilabel_soft_margin_loss",
    .like = "torch.nn.functional.multilabel_soft_margin_loss(x, t, weight=..., reduction=...)",
    .formula =
        "y = -w (t logsigmoid(x) + (1 - t) logsigmoid(-x)), averaged over the last dimension; "
        "its mean, or its sum",
    .gradient = "that of logsigmoid, mul, add and the reduction",
    .dtypes = "floating; targets of all dtypes but bool",
    .composed = true,
};
