/* binary_cross_entropy_with_logits: the cross entropy of logits x with targets t of the same shape,
 * per element, its mean or its sum.
 *
 * w are weights, and p weights of positive targets (weight and pos_weight). Both broadcast to x,
 * are 1 where they are not given, and get no gradient. The logarithm is that of PyTorch's
 * log_sigmoid, so nothing overflows.
 *
 * Saves x, w and p, and t for the gradient of x. Kernels: core/cpu/losses.c, and the sum of
 * core/cpu/reduce_sums.c. */
#include "autograd/families/gradients_internal.h"
#include "autograd/families/loss_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/cpu/losses_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_loss_attributes, reduction, REDUCTION),
                                   CD_FIELDS_END };

/* The gradient of one element of the loss with respect to x, without w. */
static cd_tensor *input_gradient(cd_tensor *x, cd_tensor *t, cd_tensor *p)
{
    if (!p) return cd_sub(cd_sigmoid(x), t);
    cd_tensor *positive = cd_mul(t, p);
    return cd_sub(cd_mul(cd_sub(cd_add(positive, 1), t), cd_sigmoid(x)), positive);
}

/* The same with respect to t. log(sigmoid(x)) is computed as minus the loss for a target of 1. */
static cd_tensor *target_gradient(cd_tensor *x, cd_tensor *p)
{
    if (!p) return cd_neg(x);
    cd_tensor *ones = cd_ones_like(x);
    cd_tensor *minus_log = cd_binary_cross_entropy_with_logits(x, ones, .reduction = CD_NONE);
    return cd_sub(cd_mul(cd_sub(p, 1), minus_log), x);
}

static void binary_cross_entropy_with_logits_backward(cd_node *node, cd_tensor *const *dy,
                                                      cd_tensor **dx)
{
    const cd_loss_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, CD_LOSS_IN_INPUT), *scale = dy[0];
    if (!x) return;
    cd_tensor *p = cd_saved_optional(node, CD_LOSS_IN_POS_WEIGHT);
    if (a->reduction == CD_MEAN) scale = cd_div(scale, (double)x->numel);
    if (cd_has_saved(node, CD_LOSS_IN_WEIGHT))
        scale = cd_mul(scale, cd_saved_value(node, CD_LOSS_IN_WEIGHT));
    if (cd_wanted(node, CD_LOSS_IN_INPUT)) {
        cd_tensor *t = cd_saved_value(node, CD_LOSS_IN_TARGET);
        if (t) dx[CD_LOSS_IN_INPUT] = cd_mul(input_gradient(x, t, p), scale);
    }
    if (cd_wanted(node, CD_LOSS_IN_TARGET))
        dx[CD_LOSS_IN_TARGET] = cd_mul(target_gradient(x, p), scale);
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool check_weight(const cd_call *call, int k, cd_shape x_shape)
{
    const cd_tensor *w = call->in[k].tensor;
    if (!w || cd_broadcasts_to(&w->shape, &x_shape)) return true;
    char text_w[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    return cd_refuse(call, CD_ERR_SHAPE, "%s (%s) does not broadcast to the input (%s)",
                     call->op->input[k], cd_sizes_text(&w->shape, text_w),
                     cd_sizes_text(&x_shape, text_x));
}

static bool binary_cross_entropy_with_logits_check(const cd_call *call, cd_dtype dtype)
{
    const cd_tensor *x = call->in[CD_LOSS_IN_INPUT].tensor, *t = call->in[CD_LOSS_IN_TARGET].tensor;
    if (!cd_check_floating(call, dtype) || !cd_check_floating(call, t->dtype)) return false;
    if (!cd_shape_equal(x->shape, t->shape)) {
        char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the target (%s) must have the shape of the input (%s)",
                         cd_sizes_text(&t->shape, text_t), cd_sizes_text(&x->shape, text_x));
    }
    return check_weight(call, CD_LOSS_IN_WEIGHT, x->shape) &&
           check_weight(call, CD_LOSS_IN_POS_WEIGHT, x->shape);
}

static bool binary_cross_entropy_with_logits_infer(cd_call *call)
{
    const cd_loss_attributes *a = call->launch.attributes;
    const cd_dtype dtype = cd_result_type(call->in, 2);
    if (!binary_cross_entropy_with_logits_check(call, dtype)) return false;
    for (int k = 0; k < call->inputs; k++) call->need[k].dtype = dtype;
    cd_infer_loss(call, dtype, call->in[CD_LOSS_IN_INPUT].tensor->shape, a->reduction);
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

static void binary_cross_entropy_with_logits_run(const cd_launch *launch)
{
    cd_loss_elements each;
    cd_run_loss_begin(launch, &each);
    const cd_dtype dtype = each.argument.layout->dtype;
    int64_t room;
    const cd_array one = cd_cpu_number(1, dtype, &room);
    cd_array in[CD_LOSS_IN_POS_WEIGHT + 1];
    for (int k = 0; k <= CD_LOSS_IN_POS_WEIGHT; k++)
        in[k] = launch->in[k].layout ? launch->in[k] : one;
    cd_cpu_elementwise(cd_cpu_bce_with_logits_loop(dtype), &each.argument,
                       CD_LOSS_IN_POS_WEIGHT + 1, in, NULL);
    cd_run_loss_end(launch, &each);
}

cd_tensor *cd_binary_cross_entropy_with_logits_with(cd_loss_options loss)
{
    if (!cd_check_loss("binary_cross_entropy_with_logits", &loss,
                       CD_LOSS_TAKES_WEIGHT | CD_LOSS_TAKES_POS_WEIGHT)) {
        return NULL;
    }
    cd_loss_attributes a = { loss.reduction };
    return cd_op_with(&cd_op_binary_cross_entropy_with_logits, &a, loss.input, loss.target,
                      loss.weight, loss.pos_weight);
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
    .inputs = 4,
    .optional = CD_SET(CD_LOSS_IN_WEIGHT) | CD_SET(CD_LOSS_IN_POS_WEIGHT),
    .no_gradient = CD_SET(CD_LOSS_IN_WEIGHT) | CD_SET(CD_LOSS_IN_POS_WEIGHT),
    .input = { "the input", "the target", "weight", "pos_weight" },
    .save = { [CD_LOSS_IN_INPUT] = { CD_INPUT, CD_LOSS_IN_INPUT },
              [CD_LOSS_IN_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET, CD_SET(CD_LOSS_IN_INPUT) },
              [CD_LOSS_IN_WEIGHT] = { CD_INPUT, CD_LOSS_IN_WEIGHT },
              [CD_LOSS_IN_POS_WEIGHT] = { CD_INPUT, CD_LOSS_IN_POS_WEIGHT } },
    CD_OP_ATTRIBUTES(cd_loss_attributes, fields),
    .infer = binary_cross_entropy_with_logits_infer,
    .cpu = { .workspace = cd_loss_workspace, .run = binary_cross_entropy_with_logits_run },
    .backward = binary_cross_entropy_with_logits_backward,
};
