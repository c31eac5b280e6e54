/* binary_cross_entropy: the cross entropy of probabilities x with targets t of the same shape and
 * dtype, per element, its mean or its sum. w are weights that broadcast to x; they get no gradient.
 *
 * A logarithm is -100 at least, and the divisor of the gradient 1e-12 at least, as in PyTorch.
 * Saves x, t and w. Kernels: core/cpu/loss_loops.c, and the sum of core/cpu/reduce_sums.c. The
 * gradient of x is an op itself, binary_cross_entropy_backward. */
#include "autograd/families/gradients_internal.h"
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/cpu/losses_internal.h"

static const double least = 1e-12;

static const cd_field fields[] = { CD_FIELD(cd_loss_attributes, reduction, REDUCTION),
                                   CD_FIELDS_END };

/* The divisor of the gradient. */
static cd_tensor *spread_of(cd_tensor *x)
{
    return cd_clamp_min(cd_mul(cd_sub(1, x), x), least);
}

static void binary_cross_entropy_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, CD_LOSS_IN_INPUT);
    if (!x) return;
    cd_tensor *w = cd_saved_optional(node, CD_LOSS_IN_WEIGHT);
    cd_tensor *scale = cd_mul(dy[0], cd_pair_loss_scale(node));
    if (w) scale = cd_mul(scale, w);
    if (cd_wanted(node, CD_LOSS_IN_INPUT)) {
        cd_tensor *t = cd_saved_value(node, CD_LOSS_IN_TARGET);
        dx[CD_LOSS_IN_INPUT] = cd_op_apply(&cd_op_binary_cross_entropy_backward, scale, x, t);
    }
    if (cd_wanted(node, CD_LOSS_IN_TARGET))
        dx[CD_LOSS_IN_TARGET] = cd_mul(cd_sub(cd_log(cd_sub(1, x)), cd_log(x)), scale);
}

static bool check_weight(const cd_call *call, const cd_tensor *x, const cd_tensor *w)
{
    char text_w[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    return !w || cd_broadcasts_to(&w->shape, &x->shape) ||
           cd_refuse(call, CD_ERR_SHAPE, "weight (%s) does not broadcast to the input (%s)",
                     cd_sizes_text(&w->shape, text_w), cd_sizes_text(&x->shape, text_x));
}

static bool binary_cross_entropy_infer(cd_call *call)
{
    const cd_loss_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_LOSS_IN_INPUT].tensor, *t = call->in[CD_LOSS_IN_TARGET].tensor;
    char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
    if (!cd_check_floating(call, x->dtype)) return false;
    if (t->dtype != x->dtype) {
        return cd_refuse(call, CD_ERR_DTYPE, "the target is %s, and the input %s",
                         cd_dtype_name(t->dtype), cd_dtype_name(x->dtype));
    }
    if (!cd_shape_equal(x->shape, t->shape)) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the target (%s) must have the shape of the input (%s)",
                         cd_sizes_text(&t->shape, text_t), cd_sizes_text(&x->shape, text_x));
    }
    if (!check_weight(call, x, call->in[CD_LOSS_IN_WEIGHT].tensor)) return false;
    call->need[CD_LOSS_IN_INPUT].order = call->need[CD_LOSS_IN_TARGET].order = CD_ROW_MAJOR;
    call->need[CD_LOSS_IN_WEIGHT].dtype = x->dtype;
    cd_infer_loss(call, x->dtype, x->shape, a->reduction);
    return true;
}

/* Every element of the input and of the target is from 0 to 1. The fault's integer is the number of
 * the operand. */
static bool binary_cross_entropy_check(const cd_launch *launch, cd_fault *fault)
{
    for (int k = CD_LOSS_IN_INPUT; k <= CD_LOSS_IN_TARGET; k++) {
        const cd_array *x = &launch->in[k];
        const bool f32 = x->layout->dtype == CD_F32;
        for (int64_t i = 0; i < x->layout->numel; i++) {
            const double v =
                f32 ? (double)((const float *)x->data)[i] : ((const double *)x->data)[i];
            if (v >= 0 && v <= 1) continue;
            *fault = (cd_fault){ .position = i, .integer = k, .number = v };
            return false;
        }
    }
    return true;
}

static bool binary_cross_entropy_refuse(cd_call *call, const cd_fault *fault)
{
    return cd_refuse(call, CD_ERR_ARGUMENT, "%s has %g (at position %lld), and must be from 0 to 1",
                     call->op->input[fault->integer], fault->number, (long long)fault->position);
}

static void binary_cross_entropy_run(const cd_launch *launch)
{
    cd_loss_elements each;
    cd_run_loss_begin(launch, &each);
    cd_cpu_elementwise(cd_cpu_loss_loop(CD_LOSS_BCE, each.argument.layout->dtype), &each.argument,
                       2, launch->in, NULL);
    if (launch->in[CD_LOSS_IN_WEIGHT].layout) {
        const cd_array both[2] = { each.argument, launch->in[CD_LOSS_IN_WEIGHT] };
        cd_cpu_apply(CD_MAP_mul, &each.argument, 2, both);
    }
    cd_run_loss_end(launch, &each);
}

cd_tensor *cd_binary_cross_entropy_with(cd_loss_options loss)
{
    if (!cd_check_loss("binary_cross_entropy", &loss, CD_LOSS_TAKES_WEIGHT)) return NULL;
    cd_loss_attributes a = { loss.reduction };
    return cd_op_with(&cd_op_binary_cross_entropy, &a, loss.input, loss.target, loss.weight);
}

const cd_op cd_op_binary_cross_entropy = {
    .name = "binary_cross_entropy",
    .grad_fn = "BinaryCrossEntropyBackward0",
    .like = "torch.nn.functional.binary_cross_entropy(x, t, weight=..., reduction=...)",
    .formula = "y = -w (t log(x) + (1 - t) log(1 - x)), its mean, or its sum",
    .gradient = "dx = w dy (x - t) / (x (1 - x)), dt = w dy (log(1 - x) - log(x)), divided by the "
                "number of elements for the mean",
    .dtypes = "floating",
    .inputs = 3,
    .optional = CD_SET(CD_LOSS_IN_WEIGHT),
    .no_gradient = CD_SET(CD_LOSS_IN_WEIGHT),
    .input = { "the input", "the target", "weight" },
    .save = { [CD_LOSS_IN_INPUT] = { CD_INPUT, CD_LOSS_IN_INPUT },
              [CD_LOSS_IN_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET, CD_SET(CD_LOSS_IN_INPUT) },
              [CD_LOSS_IN_WEIGHT] = { CD_INPUT, CD_LOSS_IN_WEIGHT } },
    CD_OP_ATTRIBUTES(cd_loss_attributes, fields),
    .infer = binary_cross_entropy_infer,
    .refuse = binary_cross_entropy_refuse,
    .cpu = { .check = binary_cross_entropy_check,
             .workspace = cd_loss_workspace,
             .run = binary_cross_entropy_run },
    .backward = binary_cross_entropy_backward,
};

/* --- binary_cross_entropy_backward: the gradient of x, in two passes ---------------------------
 *
 * Its own gradient adds 1e-12 to x and to 1 - x where the op bounds their product, as in PyTorch:
 * with the bound alone the second derivative at 0 and 1 would be that of a line. */

enum { DY, X, T }; /* its inputs: dy has the shape of x and t, or is 0-d */
enum { SAVED_DY, SAVED_X, SAVED_T };

/* g is the gradient of dx. */
static void binary_cross_entropy_backward_backward(cd_node *node, cd_tensor *const *g,
                                                   cd_tensor **grad)
{
    cd_tensor *x = cd_saved_value(node, SAVED_X), *t = cd_saved_optional(node, SAVED_T);
    if (!x) return;
    if (cd_wanted(node, DY)) {
        grad[DY] = cd_op_apply(&cd_op_binary_cross_entropy_backward, g[0], x, t);
    }
    if (!cd_wanted(node, X) && !cd_wanted(node, T)) return;
    cd_tensor *both = cd_mul(g[0], cd_saved_value(node, SAVED_DY));
    if (cd_wanted(node, X)) {
        cd_tensor *above = cd_add(cd_sub(cd_mul(x, x), cd_mul(cd_mul(x, t), 2)), t);
        cd_tensor *below =
            cd_mul(cd_square(cd_add(x, least)), cd_square(cd_add(cd_sub(1, x), least)));
        grad[X] = cd_mul(cd_div(above, below), both);
    }
    if (cd_wanted(node, T)) grad[T] = cd_neg(cd_div(both, spread_of(x)));
}

static bool infer_backward(cd_call *call)
{
    call->out[0].dtype = call->in[X].tensor->dtype;
    call->out[0].shape = call->in[X].tensor->shape;
    return true;
}

static void run_backward(const cd_launch *launch)
{
    const cd_array *dx = &launch->out[0];
    cd_cpu_elementwise(cd_cpu_loss_loop(CD_LOSS_BCE_SLOPE, dx->layout->dtype), dx, 2,
                       &launch->in[X], NULL);
    const cd_array both[2] = { *dx, launch->in[DY] };
    cd_cpu_apply(CD_MAP_mul, dx, 2, both);
}

const cd_op cd_op_binary_cross_entropy_backward = {
    .name = "binary_cross_entropy_backward",
    .grad_fn = "BinaryCrossEntropyBackwardBackward0",
    .formula = "dx = dy (x - t) / max(x (1 - x), e), e = 1e-12",
    .gradient =
        "for dy: dx with g for dy, for x: g dy (x^2 - 2 x t + t) / ((x + e) (1 - x + e))^2, "
        "for t: -g dy / max(x (1 - x), e)",
    .dtypes = "floating",
    .inputs = 3,
    .input = { "dy", "x", "t" },
    .save = { [SAVED_DY] = { CD_INPUT, DY, CD_SET(X) | CD_SET(T) },
              [SAVED_X] = { CD_INPUT, X },
              [SAVED_T] = { CD_INPUT, T, CD_SET(DY) | CD_SET(X) } },
    .infer = infer_backward,
    .cpu = { .run = run_backward },
    .backward = binary_cross_entropy_backward_backward,
};
