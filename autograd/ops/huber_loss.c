/* huber_loss: of the distance d of an input from a target, d^2 / 2 up to delta, and
 * delta (d - delta / 2) from there on; its mean or its sum. With weights it is made of other ops,
 * as in PyTorch.
 *
 * They broadcast, with a warning, as those of mse_loss. Saves both. Kernels:
 * core/cpu/loss_loops.c, and the sum of core/cpu/reduce_sums.c. */
#include "autograd/families/bounded_loss_internal.h"
#include "autograd/ops_internal.h"

static void huber_loss_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_bounded_loss_backward(node, dy[0], dx, 1);
}

static void huber_loss_run(const cd_launch *launch)
{
    cd_bounded_loss_run(launch, CD_LOSS_HUBER);
}

static cd_tensor *weighted(const cd_huber_loss_options *loss, cd_bounded_loss_attributes *a)
{
    a->reduction = CD_NONE;
    cd_scope scope = cd_scope_begin();
    cd_tensor *each = cd_op_with(&cd_op_huber_loss, a, loss->input, loss->target);
    return cd_ops_end(scope,
                      cd_reduce_loss("huber_loss", cd_mul(each, loss->weight), loss->reduction));
}

cd_tensor *cd_huber_loss_with(cd_huber_loss_options loss)
{
    const char *name = "huber_loss";
    cd_bounded_loss_attributes a = { loss.reduction, cd_option_or(loss.delta, 1) };
    if (!cd_check_reduction(name, loss.reduction) ||
        !cd_check_pair_loss(name, loss.input, loss.target, loss.weight)) {
        return NULL;
    }
    if (!(a.bound > 0)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .delta is %g, and must be above 0", name, a.bound);
        return NULL;
    }
    cd_tensor *y = loss.weight ? weighted(&loss, &a)
                               : cd_op_with(&cd_op_huber_loss, &a, loss.input, loss.target);
    if (y) cd_warn_of_loss_shapes(name, loss.input, loss.target);
    return y;
}

const cd_op cd_op_huber_loss = {
    .name = "huber_loss",
    .grad_fn = "HuberLossBackward0",
    .like = "torch.nn.functional.huber_loss(x, t, delta=..., weight=..., reduction=...)",
    .formula =
        "y = d^2 / 2 if d <= delta, else delta (d - delta / 2), d = |x - t|; its mean, or its "
        "sum",
    .gradient = "dx = dy (x - t) if d < delta, else dy delta sign(x - t), divided by the number of "
                "elements for the mean; dt = -dx",
    .dtypes = "floating",
    .inputs = 2,
    .input = { [CD_LOSS_IN_INPUT] = "the input", [CD_LOSS_IN_TARGET] = "the target" },
    .save = { [CD_LOSS_IN_INPUT] = { CD_INPUT, CD_LOSS_IN_INPUT },
              [CD_LOSS_IN_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET } },
    CD_OP_ATTRIBUTES(cd_bounded_loss_attributes, cd_bounded_loss_fields),
    .infer = cd_infer_pair_loss,
    .cpu = { .workspace = cd_loss_workspace, .run = huber_loss_run },
    .backward = huber_loss_backward,
};
