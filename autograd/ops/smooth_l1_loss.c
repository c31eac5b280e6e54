/* smooth_l1_loss: of the distance d of an input from a target, d^2 / (2 beta) below beta, d - beta
 * / 2 from there on; its mean or its sum.
 *
 * They broadcast, with a warning, as those of mse_loss. Saves both. Kernels:
 * core/cpu/loss_loops.c, and the sum of core/cpu/reduce_sums.c. */
#include "autograd/families/bounded_loss_internal.h"
#include "autograd/ops_internal.h"

static void smooth_l1_loss_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_bounded_loss_attributes *a = cd_attributes_of(node);
    cd_bounded_loss_backward(node, dy[0], dx, 1 / a->bound);
}

static void smooth_l1_loss_run(const cd_launch *launch)
{
    cd_bounded_loss_run(launch, CD_LOSS_SMOOTH_L1);
}

cd_tensor *cd_smooth_l1_loss_with(cd_smooth_l1_loss_options loss)
{
    const char *name = "smooth_l1_loss";
    cd_bounded_loss_attributes a = { loss.reduction, cd_option_or(loss.beta, 1) };
    if (!cd_check_reduction(name, loss.reduction) ||
        !cd_check_pair_loss(name, loss.input, loss.target, NULL)) {
        return NULL;
    }
    if (!(a.bound >= 0)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .beta is %g, and must not be negative", name, a.bound);
        return NULL;
    }
    if (a.bound == 0) return cd_l1_loss(loss.input, loss.target, .reduction = loss.reduction);
    cd_tensor *y = cd_op_with(&cd_op_smooth_l1_loss, &a, loss.input, loss.target);
    if (y) cd_warn_of_loss_shapes(name, loss.input, loss.target);
    return y;
}

const cd_op cd_op_smooth_l1_loss = {
    .name = "smooth_l1_loss",
    .grad_fn = "SmoothL1LossBackward0",
    .like = "torch.nn.functional.smooth_l1_loss(x, t, beta=..., reduction=...)",
    .formula =
        "y = d^2 / (2 beta) if d < beta, else d - beta / 2, d = |x - t|; its mean, or its sum",
    .gradient = "dx = dy (x - t) / beta if d < beta, else dy sign(x - t), divided by the number of "
                "elements for the mean; dt = -dx",
    .dtypes = "floating",
    .inputs = 2,
    .input = { [CD_LOSS_IN_INPUT] = "the input", [CD_LOSS_IN_TARGET] = "the target" },
    .save = { [CD_LOSS_IN_INPUT] = { CD_INPUT, CD_LOSS_IN_INPUT },
              [CD_LOSS_IN_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET } },
    CD_OP_ATTRIBUTES(cd_bounded_loss_attributes, cd_bounded_loss_fields),
    .infer = cd_infer_pair_loss,
    .cpu = { .workspace = cd_loss_workspace, .run = smooth_l1_loss_run },
    .backward = smooth_l1_loss_backward,
};
