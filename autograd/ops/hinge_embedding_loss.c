/* hinge_embedding_loss: the loss of distances x, which targets of 1 want small and targets of -1
 * above the margin. Made of other ops, as in PyTorch. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_hinge_embedding_loss_with(cd_hinge_embedding_loss_options loss)
{
    const char *name = "hinge_embedding_loss";
    cd_tensor *x = loss.input, *t = loss.target;
    if (!cd_check_reduction(name, loss.reduction) || !cd_check_pair_loss(name, x, t, NULL)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *zeros = cd_zeros_like(x);
    cd_tensor *below = cd_clamp_min(cd_sub(cd_option_or(loss.margin, 1), x), 0);
    cd_tensor *each = cd_add(cd_where(cd_ne(t, 1), below, zeros), cd_where(cd_ne(t, -1), x, zeros));
    return cd_ops_end(scope, cd_reduce_loss(name, each, loss.reduction));
}

const cd_op cd_op_hinge_embedding_loss = {
    .name = "hinge_embedding_loss",
    .like = "torch.nn.functional.hinge_embedding_loss(x, t, margin=..., reduction=...)",
    .formula =
        "y = x if t is 1, max(0, margin - x) if t is -1, else their sum; its mean, or its sum",
    .gradient = "that of sub, clamp_min, where and the reduction",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
