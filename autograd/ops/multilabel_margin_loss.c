/* multilabel_margin_loss: of rows x of C elements with a list of classes each, by how much each
 * element of a listed class is not above each other element by 1; their sum over C. Of all rows the
 * mean or the sum.
 *
 * x and t are N x C, or both C; the classes before the first -1 in a row of t count. The result
 * without reduction is N, or 0-d. Without rows the mean is 0. What it saves, the kernel and the
 * gradient: autograd/families/margin_loss.c. */
#include "autograd/families/margin_loss_internal.h"
#include "autograd/loss_ops.h"

cd_tensor *cd_multilabel_margin_loss_with(cd_loss_options loss)
{
    if (!cd_check_loss("multilabel_margin_loss", &loss, 0)) return NULL;
    cd_margin_loss_attributes a = {
        .reduction = loss.reduction, .power = 1, .margin = 1, .listed = true
    };
    return cd_op_with(&cd_op_multilabel_margin_loss, &a, loss.input, loss.target, NULL);
}

const cd_op cd_op_multilabel_margin_loss = {
    .name = "multilabel_margin_loss",
    .grad_fn = "MultilabelMarginLossBackward0",
    .like = "torch.nn.functional.multilabel_margin_loss(x, t, reduction=...)",
    .formula = "y = sum over listed t and other i of max(0, 1 - x[t] + x[i]) / C; their mean, or "
               "their sum",
    .gradient = "dx[i] = dy / C and dx[t] = -dy / C for each t and i with 1 - x[t] + x[i] > 0; "
                "divided by N for the mean",
    CD_MARGIN_LOSS_FORWARD,
    .cpu = { .check = cd_margin_loss_check,
             .workspace = cd_margin_loss_workspace,
             .run = cd_margin_loss_run },
};
