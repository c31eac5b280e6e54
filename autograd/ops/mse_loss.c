/* mse_loss: the squared difference of an input x and a target t, its mean or its sum.
 *
 * They broadcast, which is seldom meant: where their shapes differ, the logger gets a warning.
 * Saves both. Kernels: squared_difference in core/cpu/binary.c, and the sum of
 * core/cpu/reduce_sums.c. The gradient is an op itself, mse_loss_backward. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_loss_attributes, reduction, REDUCTION),
                                   CD_FIELDS_END };

static void mse_loss_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_mse_backward_attributes a = { 2 * cd_pair_loss_scale(node) };
    cd_tensor *x = cd_saved_value(node, CD_LOSS_IN_INPUT),
              *t = cd_saved_value(node, CD_LOSS_IN_TARGET);
    cd_tensor *x_grad = cd_op_with(&cd_op_mse_loss_backward, &a, dy[0], x, t);
    if (cd_wanted(node, CD_LOSS_IN_INPUT)) dx[CD_LOSS_IN_INPUT] = x_grad;
    if (cd_wanted(node, CD_LOSS_IN_TARGET)) dx[CD_LOSS_IN_TARGET] = cd_neg(x_grad);
}

static void mse_loss_run(const cd_launch *launch)
{
    cd_loss_elements each;
    cd_run_loss_begin(launch, &each);
    cd_cpu_apply(CD_MAP_squared_difference, &each.argument, 2, launch->in);
    cd_run_loss_end(launch, &each);
}

/* With weights it is made of other ops, as in PyTorch. */
static cd_tensor *weighted(const cd_loss_options *loss)
{
    if (!cd_check_pair_loss("mse_loss", loss->input, loss->target, loss->weight)) return NULL;
    cd_scope scope = cd_scope_begin();
    cd_tensor *each = cd_pow(cd_sub(loss->input, loss->target), 2);
    return cd_ops_end(scope, cd_reduce_weighted_loss(each, loss->weight, loss->reduction));
}

cd_tensor *cd_mse_loss_with(cd_loss_options loss)
{
    if (!cd_check_loss("mse_loss", &loss, CD_LOSS_TAKES_WEIGHT)) return NULL;
    cd_loss_attributes a = { loss.reduction };
    cd_tensor *y =
        loss.weight ? weighted(&loss) : cd_op_with(&cd_op_mse_loss, &a, loss.input, loss.target);
    if (y) cd_warn_of_loss_shapes("mse_loss", loss.input, loss.target);
    return y;
}

const cd_op cd_op_mse_loss = {
    .name = "mse_loss",
    .grad_fn = "MseLossBackward0",
    .like = "torch.nn.functional.mse_loss(x, t, weight=..., reduction=...)",
    .formula = "y = (x - t)^2, its mean, or its sum",
    .gradient = "dx = 2 (x - t) dy, divided by the number of elements for the mean; dt = -dx",
    .dtypes = "floating",
    .inputs = 2,
    .input = { [CD_LOSS_IN_INPUT] = "the input", [CD_LOSS_IN_TARGET] = "the target" },
    .save = { [CD_LOSS_IN_INPUT] = { CD_INPUT, CD_LOSS_IN_INPUT },
              [CD_LOSS_IN_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET } },
    CD_OP_ATTRIBUTES(cd_loss_attributes, fields),
    .infer = cd_infer_pair_loss,
    .cpu = { .workspace = cd_loss_workspace, .run = mse_loss_run },
    .backward = mse_loss_backward,
};

/* --- mse_loss_backward: factor (x - t) dy, in two passes over memory -------------------------- */

enum { DY, X, T }; /* its inputs; dy has the shape of x and t broadcast, or is 0-d */
enum { SAVED_DY, SAVED_X, SAVED_T };

static const cd_field backward_fields[] = { CD_FIELD(cd_mse_backward_attributes, factor, REAL),
                                            CD_FIELDS_END };

/* g is the gradient of dx. */
static void mse_loss_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_mse_backward_attributes *a = cd_attributes_of(node);
    if (cd_wanted(node, DY)) {
        cd_tensor *x = cd_saved_value(node, SAVED_X), *t = cd_saved_value(node, SAVED_T);
        grad[DY] = cd_mul(g[0], cd_mul(cd_sub(x, cd_to(t, g[0]->dtype)), a->factor));
    }
    if (cd_wanted(node, X) || cd_wanted(node, T)) {
        grad[X] = cd_mul(g[0], cd_mul(cd_saved_value(node, SAVED_DY), a->factor));
    }
    if (cd_wanted(node, T)) grad[T] = cd_neg(grad[X]);
}

static bool infer_backward(cd_call *call)
{
    const cd_tensor *dy = call->in[DY].tensor, *x = call->in[X].tensor, *t = call->in[T].tensor;
    call->need[X].dtype = call->need[T].dtype = call->out[0].dtype = dy->dtype;
    (void)cd_shape_broadcast(x->shape, t->shape, &call->out[0].shape);
    return true;
}

/* The workspace: factor dy, in the shape of dy. */
static cd_array take_scaled_dy(const cd_launch *launch, cd_work *work, cd_layout *layout)
{
    const cd_layout *dy = launch->in[DY].layout;
    *layout = dy->contiguous ? *dy : cd_layout_row_major(dy->dtype, dy->shape);
    return cd_work_take(work, layout);
}

static size_t workspace_backward(const cd_launch *launch)
{
    cd_layout layout;
    cd_work work = { NULL, 0 };
    (void)take_scaled_dy(launch, &work, &layout);
    return work.bytes;
}

static void run_backward(const cd_launch *launch)
{
    cd_layout layout;
    cd_work work = { launch->workspace, 0 };
    const cd_mse_backward_attributes *a = launch->attributes;
    const cd_array scaled_dy = take_scaled_dy(launch, &work, &layout), *dx = &launch->out[0];
    cd_cpu_apply_number(CD_MAP_mul, &scaled_dy, &launch->in[DY], a->factor);
    cd_cpu_apply(CD_MAP_sub, dx, 2, &launch->in[X]);
    const cd_array both[2] = { *dx, scaled_dy };
    cd_cpu_apply(CD_MAP_mul, dx, 2, both);
}

const cd_op cd_op_mse_loss_backward = {
    .name = "mse_loss_backward",
    .grad_fn = "MseLossBackwardBackward0",
    .formula = "dx = factor (x - t) dy",
    .gradient = "for dy: factor (x - t) g, for x: factor dy g, for t: -factor dy g",
    .dtypes = "floating",
    .inputs = 3,
    .input = { "dy", "x", "t" },
    .save = { [SAVED_DY] = { CD_INPUT, DY, CD_SET(X) | CD_SET(T) },
              [SAVED_X] = { CD_INPUT, X, CD_SET(DY) },
              [SAVED_T] = { CD_INPUT, T, CD_SET(DY) } },
    CD_OP_ATTRIBUTES(cd_mse_backward_attributes, backward_fields),
    .infer = infer_backward,
    .cpu = { .workspace = workspace_backward, .run = run_backward },
    .backward = mse_loss_backward_backward,
};
