/* multi_margin_loss: of rows x of C elements with a class t each, by how much the element t is not
 * above the others by the margin, to the power p, 1 or 2; their mean over the classes, weighted by
 * w[t]. Of all rows the mean or the sum.
 *
 * x is N x C and t is N, or x is C and t has one element; the result without reduction has the
 * shape of t. Without rows the mean is 0. What it saves, the kernel and the gradient:
 * autograd/families/margin_loss.c. */
#include "autograd/families/margin_loss_internal.h"
#include "autograd/loss_ops.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_multi_margin_loss_with(cd_multi_margin_loss_options loss)
{
    const char *name = "multi_margin_loss";
    cd_margin_loss_attributes a = { .reduction = loss.reduction,
                                    .power = loss.p == 0 ? 1 : loss.p,
                                    .margin = cd_option_or(loss.margin, 1) };
    if (!cd_check_reduction(name, loss.reduction)) return NULL;
    if (a.power != 1 && a.power != 2) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .p is %lld, and must be 1 or 2", name,
                      (long long)a.power);
        return NULL;
    }
    return cd_op_with(&cd_op_multi_margin_loss, &a, loss.input, loss.target, loss.weight);
}

const cd_op cd_op_multi_margin_loss = {
    .name = "multi_margin_loss",
    .grad_fn = "MultiMarginLossBackward0",
    .like = "torch.nn.functional.multi_margin_loss(x, t, p=..., margin=..., weight=..., "
            "reduction=...)",
    .formula = "y = w[t] sum over i != t of max(0, z)^p / C, z = margin - x[t] + x[i]; their mean, "
               "or their sum",
    .gradient = "dx[i] = w[t] dy p z^(p - 1) / C for z > 0, dx[t] = minus their sum; divided by N "
                "for the mean",
    CD_MARGIN_LOSS_FORWARD,
    .cpu = { .check = cd_margin_loss_check,
             .workspace = cd_margin_loss_workspace,
             .run = cd_margin_loss_run },
};

/* --- margin_loss_backward: the gradient, also of multilabel_margin_loss ----------------------- */

/* Its inputs begin with those of the loss. */
enum { IN_DY = CD_LOSS_IN_WEIGHT + 1 };

static bool infer_backward(cd_call *call)
{
    for (int k = 0; k <= IN_DY; k++) call->need[k].order = CD_ROW_MAJOR;
    call->out[0].dtype = call->in[CD_LOSS_IN_INPUT].tensor->dtype;
    call->out[0].shape = call->in[CD_LOSS_IN_INPUT].tensor->shape;
    return true;
}

static void run_backward(const cd_launch *launch)
{
    const cd_margin_loss_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[CD_LOSS_IN_INPUT];
    const cd_margin_loss loss = cd_margin_loss_of(launch);
    const double scale = a->reduction == CD_MEAN && loss.rows > 0 ? 1 / (double)loss.rows : 1;
    cd_cpu_margin_loss_backward(x->layout->dtype, &loss, x->data, launch->in[IN_DY].data,
                                a->reduction != CD_NONE, scale, launch->out[0].data);
}

/* PyTorch refuses a second derivative too. */
static void refuse_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)dy;
    (void)dx;
    const cd_margin_loss_attributes *a = cd_attributes_of(node);
    (void)cd_fail(CD_ERR_UNSUPPORTED, "%s: the gradient cannot be differentiated",
                  a->listed ? "multilabel_margin_loss" : "multi_margin_loss");
}

const cd_op cd_op_margin_loss_backward = {
    .name = "margin_loss_backward",
    .grad_fn = "NotImplemented",
    .formula = "dx[i] = w[t] dy z^(p - 1) p / C for i with z > 0, dx[t] = minus their sum; divided "
               "by N for the mean",
    .gradient = "refused, as in PyTorch",
    CD_MARGIN_LOSS,
    .inputs = IN_DY + 1,
    .input = { "the input", "the target", "weight", "dy" },
    .infer = infer_backward,
    .cpu = { .check = cd_margin_loss_check,
             .workspace = cd_margin_loss_workspace,
             .run = run_backward },
    .backward = refuse_backward,
};
