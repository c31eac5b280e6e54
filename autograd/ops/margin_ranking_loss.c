/* margin_ranking_loss: what x1 lacks to be above x2 by the margin, where the target is 1; where
 * it is -1 the other way round. Made of other ops, as in PyTorch. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"

static bool check(const char *name, const cd_pair_loss_options *loss)
{
    cd_tensor *const in[3] = { loss->input1, loss->input2, loss->target };
    if (!cd_check_reduction(name, loss->reduction) ||
        !cd_check_loss_tensors(name, 3, in, (const char *[]){ "input1", "input2", "target" })) {
        return false;
    }
    const int ndim = in[0]->shape.ndim;
    char text[3][CD_SHAPE_TEXT];
    return (in[1]->shape.ndim == ndim && in[2]->shape.ndim == ndim) ||
           cd_fail(CD_ERR_SHAPE,
                   "%s: input1 (%s), input2 (%s) and target (%s) must have as many dimensions",
                   name, cd_sizes_text(&in[0]->shape, text[0]),
                   cd_sizes_text(&in[1]->shape, text[1]), cd_sizes_text(&in[2]->shape, text[2]));
}

cd_tensor *cd_margin_ranking_loss_with(cd_pair_loss_options loss)
{
    const char *name = "margin_ranking_loss";
    if (!check(name, &loss)) return NULL;
    cd_scope scope = cd_scope_begin();
    cd_tensor *gap = cd_mul(cd_neg(loss.target), cd_sub(loss.input1, loss.input2));
    cd_tensor *each = cd_clamp_min(cd_add(gap, cd_option_or(loss.margin, 0)), 0);
    return cd_ops_end(scope, cd_reduce_loss(name, each, loss.reduction));
}

const cd_op cd_op_margin_ranking_loss = {
    .name = "margin_ranking_loss",
    .like = "torch.nn.functional.margin_ranking_loss(x1, x2, t, margin=..., reduction=...)",
    .formula = "y = max(0, margin - t (x1 - x2)), its mean, or its sum",
    .gradient = "that of sub, mul, clamp_min and the reduction",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
