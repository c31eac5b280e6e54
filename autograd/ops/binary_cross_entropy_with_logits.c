/* autograd/ops/binary_cross_entropy_with_logits.c
 *
 *   y = w ((1 - t) x - (1 + (p - 1) t) log(sigmoid(x))), its mean, or its sum
 *   dx = w dy ((p t + 1 - t) sigmoid(x) - p t)
 *   dt = w dy (-x - (p - 1) log(sigmoid(x)))
 *
 * x are the logits, t the targets of the same shape, w the weights and p the weights of positive
 * targets, both 1 when not given, broadcast to x, and constant. For the mean dy is divided by the
 * number of elements. Nothing overflows: the logarithm is that of PyTorch's log_sigmoid.
 * Saves x, t, w and p. */
#include "core/cpu/losses_internal.h"

#include "autograd/op_internal.h"

enum { WEIGHT = 1, POSITIVE = 2 }; /* which of them was given: parameters i[0] */

static cd_tensor *for_input(cd_tensor *x, cd_tensor *t, cd_tensor *p)
{
    if (!p) return cd_sub(cd_sigmoid(x), t);
    cd_tensor *positive = cd_mul(t, p);
    return cd_sub(cd_mul(cd_sub(cd_add(positive, 1), t), cd_sigmoid(x)), positive);
}

/* log(sigmoid(x)) is minus the loss for a target of 1. */
static cd_tensor *for_target(cd_tensor *x, cd_tensor *p)
{
    if (!p) return cd_neg(x);
    cd_tensor *ones = cd_ones(x->shape, .dtype = x->dtype);
    cd_tensor *minus_log = cd_binary_cross_entropy_with_logits(x, ones, .reduction = CD_NONE);
    return cd_sub(cd_mul(cd_sub(p, 1), minus_log), x);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int64_t given = node->parameters->i[0];
    cd_tensor *x = cd_saved_value(node, 0), *t = cd_saved_value(node, 1);
    if (!x || !t) return;
    cd_tensor *p = given & POSITIVE ? cd_saved_value(node, given & WEIGHT ? 3 : 2) : NULL;
    cd_tensor *scale = dy[0];
    if (node->parameters->i[1] == CD_MEAN) scale = cd_div(scale, (double)x->numel);
    if (given & WEIGHT) scale = cd_mul(scale, cd_saved_value(node, 2));
    if (cd_wanted(node, 0)) dx[0] = cd_mul(for_input(x, t, p), scale);
    if (cd_wanted(node, 1)) dx[1] = cd_mul(for_target(x, p), scale);
}

/* --- checks ----------------------------------------------------------------------------------- */

static bool check_weight(cd_old_call *call, const char *which, const cd_tensor *w, cd_shape x_shape)
{
    cd_shape meet;
    if (!w) return true;
    if (cd_grad_enabled() && cd_tracks(w)) {
        return cd_op_fail(call, CD_ERR_UNSUPPORTED,
                          "there is no gradient for %s, which requires one: take cd_detach of it",
                          which);
    }
    if (cd_shape_broadcast(w->shape, x_shape, &meet) && cd_shape_equal(meet, x_shape)) return true;
    char text_w[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    return cd_op_fail(call, CD_ERR_SHAPE, "%s (%s) does not broadcast to the input (%s)", which,
                      cd_shape_text(w->shape, text_w), cd_shape_text(x_shape, text_x));
}

static bool check(cd_old_call *call, const cd_loss_options *loss, cd_dtype dtype)
{
    const cd_tensor *x = loss->input, *t = loss->target;
    if (!cd_op_check_floating(call, dtype) || !cd_op_check_floating(call, t->dtype)) return false;
    if (!cd_shape_equal(x->shape, t->shape)) {
        char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "the target (%s) must have the shape of the input (%s)",
                          cd_shape_text(t->shape, text_t), cd_shape_text(x->shape, text_x));
    }
    return check_weight(call, "weight", loss->weight, x->shape) &&
           check_weight(call, "pos_weight", loss->pos_weight, x->shape);
}

/* --- the op ----------------------------------------------------------------------------------- */

static void save(cd_old_call *call, const cd_loss_options *loss)
{
    cd_op_save(call, loss->input);
    cd_op_save(call, loss->target);
    if (loss->weight) cd_op_save(call, loss->weight);
    if (loss->pos_weight) cd_op_save(call, loss->pos_weight);
    call->parameters.i[0] = (loss->weight ? WEIGHT : 0) | (loss->pos_weight ? POSITIVE : 0);
    call->parameters.i[1] = loss->reduction;
}

cd_tensor *cd_binary_cross_entropy_with_logits_with(cd_loss_options loss)
{
    cd_old_call call;
    cd_tensor *const inputs[4] = { loss.input, loss.target, loss.weight, loss.pos_weight };
    if (!cd_check_loss("binary_cross_entropy_with_logits", &loss,
                       CD_LOSS_WEIGHT | CD_LOSS_POS_WEIGHT) ||
        !cd_op_begin_optional(&call, &cd_op_binary_cross_entropy_with_logits, 2, 4, inputs)) {
        return NULL;
    }
    cd_operand both[2] = { cd_operand_tensor(loss.input), cd_operand_tensor(loss.target) };
    cd_dtype dtype = cd_result_type(both, 2);
    if (!check(&call, &loss, dtype)) return cd_op_end(&call);
    const cd_tensor *as[4];
    for (int k = 0; k < 4; k++) {
        as[k] = inputs[k] ? cd_op_as(&call, inputs[k], dtype)
                          : cd_op_operand(&call, cd_operand_double(1), dtype);
    }
    cd_tensor *each = cd_op_loss_elements(&call, dtype, loss.input->shape, loss.reduction);
    if (each) {
        cd_map_n(cd_cpu_bce_with_logits_loop(dtype), each, 4, as, NULL);
        cd_op_finish_loss(&call, each, loss.reduction);
    }
    save(&call, &loss);
    return cd_op_end(&call);
}

const cd_op cd_op_binary_cross_entropy_with_logits = {
    .name = "binary_cross_entropy_with_logits",
    .grad_fn = "BinaryCrossEntropyWithLogitsBackward0",
    .like = "torch.nn.functional.binary_cross_entropy_with_logits(x, t, weight=..., "
            "pos_weight=..., reduction=...)",
    .formula = "y = w ((1 - t) x - (1 + (p - 1) t) log(sigmoid(x))), its mean, or its sum",
    .gradient = "dx = w dy ((p t + 1 - t) sigmoid(x) - p t), dt = w dy (-x - (p - 1) "
                "log(sigmoid(x)))",
    .dtypes = "floating",
    .backward = backward,
};
