/* autograd/ops/mse_loss.c
 *
 *   y = (x - t)^2, its mean, or its sum
 *   dx = 2 (x - t) dy, divided by the number of elements for the mean; dt = -dx
 *
 * x is the input, t the target. They broadcast, which is seldom meant: with different shapes the
 * logger gets a warning. Saves both. */
#include "autograd/op_internal.h"
#include "core/error_internal.h"

/* --- the gradient, an op itself, in two passes ------------------------------------------------ */

/* With g the gradient of dx = c (x - t) dy: ddy = c g (x - t), dx' = c g dy, dt = -dx'. */
static void backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **dx)
{
    double c = node->parameters->d[0];
    cd_tensor *dy = cd_saved_value(node, 0), *x = cd_saved_value(node, 1),
              *t = cd_saved_value(node, 2);
    if (cd_wanted(node, 0)) dx[0] = cd_mul(g[0], cd_mul(cd_sub(x, cd_to(t, g[0]->dtype)), c));
    if (cd_wanted(node, 1) || cd_wanted(node, 2)) dx[1] = cd_mul(g[0], cd_mul(dy, c));
    if (cd_wanted(node, 2)) dx[2] = cd_neg(dx[1]);
}

static const cd_op mse_loss_backward_op = {
    .name = "mse_loss_backward",
    .grad_fn = "MseLossBackwardBackward0",
    .formula = "dx = c (x - t) dy, c = 2 or 2 / n",
    .gradient = "ddy = c ddx (x - t), dx = c ddx dy, dt = -dx",
    .dtypes = "floating",
    .backward = backward_backward,
};

/* dy has the shape of the elements, or is 0-d. */
static cd_tensor *mse_loss_backward(cd_tensor *dy, cd_tensor *x, cd_tensor *t, double c)
{
    cd_old_call call;
    cd_shape shape;
    if (!cd_op_begin(&call, &mse_loss_backward_op, dy, x, t)) return NULL;
    (void)cd_shape_broadcast(x->shape, t->shape, &shape);
    cd_tensor *from = cd_op_as(&call, x, dy->dtype), *to = cd_op_as(&call, t, dy->dtype);
    cd_tensor *factor = cd_op_operand(&call, cd_operand_double(c), dy->dtype);
    cd_tensor *scaled = cd_op_temporary(&call, dy->dtype, dy->shape);
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (dx) {
        cd_map_2(CD_MAP_mul, scaled, dy, factor, NULL);
        cd_map_2(CD_MAP_sub, dx, from, to, NULL);
        cd_map_2(CD_MAP_mul, dx, dx, scaled, NULL);
    }
    cd_op_save(&call, dy);
    cd_op_save(&call, x);
    cd_op_save(&call, t);
    call.parameters.d[0] = c;
    return cd_op_end(&call);
}

/* --- the op ----------------------------------------------------------------------------------- */

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0), *t = cd_saved_value(node, 1);
    cd_tensor *d = mse_loss_backward(dy[0], x, t, node->parameters->d[0]);
    if (cd_wanted(node, 0)) dx[0] = d;
    if (cd_wanted(node, 1)) dx[1] = cd_neg(d);
}

static bool check(cd_old_call *call, const cd_tensor *x, const cd_tensor *t, cd_dtype dtype,
                  cd_shape *shape)
{
    char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
    if (!cd_op_check_floating(call, dtype)) return false;
    if (cd_shape_equal(x->shape, t->shape)) {
        *shape = x->shape;
        return true;
    }
    cd_shape_text(x->shape, text_x);
    cd_shape_text(t->shape, text_t);
    if (!cd_shape_broadcast(x->shape, t->shape, shape)) {
        return cd_op_fail(call, CD_ERR_SHAPE, "the input (%s) and the target (%s) differ in shape",
                          text_x, text_t);
    }
    cd_log_line(CD_LOG_WARNING,
                "mse_loss: the input (%s) and the target (%s) differ in shape and are broadcast, "
                "which is probably not meant",
                text_x, text_t);
    return true;
}

cd_tensor *cd_mse_loss_with(cd_loss_options loss)
{
    cd_old_call call;
    cd_shape shape;
    if (!cd_check_loss("mse_loss", &loss, 0) ||
        !cd_op_begin(&call, &cd_op_mse_loss, loss.input, loss.target)) {
        return NULL;
    }
    cd_operand both[2] = { cd_operand_tensor(loss.input), cd_operand_tensor(loss.target) };
    cd_dtype dtype = cd_result_type(both, 2);
    if (!check(&call, loss.input, loss.target, dtype, &shape)) return cd_op_end(&call);
    cd_tensor *x = cd_op_as(&call, loss.input, dtype), *t = cd_op_as(&call, loss.target, dtype);
    cd_tensor *each = cd_op_loss_elements(&call, dtype, shape, loss.reduction);
    if (each) {
        cd_map_2(CD_MAP_squared_difference, each, x, t, NULL);
        call.parameters.d[0] = loss.reduction == CD_MEAN ? 2 / (double)each->numel : 2;
        cd_op_finish_loss(&call, each, loss.reduction);
    }
    cd_op_save(&call, loss.input);
    cd_op_save(&call, loss.target);
    return cd_op_end(&call);
}

const cd_op cd_op_mse_loss = {
    .name = "mse_loss",
    .grad_fn = "MseLossBackward0",
    .like = "torch.nn.functional.mse_loss(x, t, reduction=...)",
    .formula = "y = (x - t)^2, its mean, or its sum",
    .gradient = "dx = 2 (x - t) dy, divided by the number of elements for the mean; dt = -dx",
    .dtypes = "floating",
    .backward = backward,
};
