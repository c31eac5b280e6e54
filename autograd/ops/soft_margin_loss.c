/* soft_margin_loss: log(1 + exp(-t x)) of an input x and targets t, which are 1 and -1, per
 * element, its mean or its sum. The exponential is not bounded, as in PyTorch: far from the margin
 * the loss is infinite. The target gets no gradient.
 *
 * Saves x and t. Kernels: mul, neg, exp and log1p of core/cpu/, and the sum of
 * core/cpu/reduce_sums.c. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_loss_attributes, reduction, REDUCTION),
                                   CD_FIELDS_END };

static void soft_margin_loss_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, CD_LOSS_IN_INPUT),
              *t = cd_saved_value(node, CD_LOSS_IN_TARGET);
    cd_tensor *z = cd_exp(cd_mul(cd_neg(t), x));
    cd_tensor *slope = cd_div(cd_mul(cd_neg(t), z), cd_add(z, 1));
    dx[CD_LOSS_IN_INPUT] = cd_mul(cd_mul(slope, cd_pair_loss_scale(node)), dy[0]);
}

static void soft_margin_loss_run(const cd_launch *launch)
{
    cd_loss_elements each;
    cd_run_loss_begin(launch, &each);
    const cd_array *y = &each.argument;
    cd_cpu_apply(CD_MAP_mul, y, 2, launch->in);
    cd_cpu_apply(CD_MAP_neg, y, 1, y);
    cd_cpu_apply(CD_MAP_exp, y, 1, y);
    cd_cpu_apply(CD_MAP_log1p, y, 1, y);
    cd_run_loss_end(launch, &each);
}

cd_tensor *cd_soft_margin_loss_with(cd_loss_options loss)
{
    if (!cd_check_loss("soft_margin_loss", &loss, 0)) return NULL;
    cd_loss_attributes a = { loss.reduction };
    return cd_op_with(&cd_op_soft_margin_loss, &a, loss.input, loss.target);
}

const cd_op cd_op_soft_margin_loss = {
    .name = "soft_margin_loss",
    .grad_fn = "SoftMarginLossBackward0",
    .like = "torch.nn.functional.soft_margin_loss(x, t, reduction=...)",
    .formula = "y = log(1 + exp(-t x)), its mean, or its sum",
    .gradient = "dx = -t z / (1 + z) dy, z = exp(-t x), divided by the number of elements for the "
                "mean",
    .dtypes = "floating",
    .inputs = 2,
    .no_gradient = CD_SET(CD_LOSS_IN_TARGET),
    .input = { [CD_LOSS_IN_INPUT] = "the input", [CD_LOSS_IN_TARGET] = "the target" },
    .save = { [CD_LOSS_IN_INPUT] = { CD_INPUT, CD_LOSS_IN_INPUT },
              [CD_LOSS_IN_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET } },
    CD_OP_ATTRIBUTES(cd_loss_attributes, fields),
    .infer = cd_infer_pair_loss,
    .cpu = { .workspace = cd_loss_workspace, .run = soft_margin_loss_run },
    .backward = soft_margin_loss_backward,
};
