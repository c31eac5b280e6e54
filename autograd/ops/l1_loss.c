/* l1_loss: the distance of an input from a target, its mean or its sum. Made of other ops, as in
 * PyTorch. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_l1_loss_with(cd_loss_options loss)
{
    const char *name = "l1_loss";
    if (!cd_check_loss(name, &loss, CD_LOSS_TAKES_WEIGHT) ||
        !cd_check_pair_loss(name, loss.input, loss.target, loss.weight)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *each = cd_abs(cd_sub(loss.input, loss.target));
    cd_tensor *y =
        cd_ops_end(scope, loss.weight ? cd_reduce_weighted_loss(each, loss.weight, loss.reduction)
                                      : cd_reduce_loss(name, each, loss.reduction));
    if (y) cd_warn_of_loss_shapes(name, loss.input, loss.target);
    return y;
}

const cd_op cd_op_l1_loss = {
    .name = "l1_loss",
    .like = "torch.nn.functional.l1_loss(x, t, weight=..., reduction=...)",
    .formula = "y = |x - t|, its mean, or its sum",
    .gradient = "that of sub, abs and the reduction",
    .dtypes = "all but bool; the mean: floating",
    .composed = true,
};
