/* prelu: x, times a learnt weight where it is not positive. The weight has one element, or one for
 * each channel, which is the second dimension of x.
 *
 * The weight becomes a view that broadcasts to x, as in PyTorch. Saves x and that view. Kernels, of
 * prelu and of its gradients, which are ops themselves: core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"

enum { X, WEIGHT };

static void prelu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, X);
    if (cd_wanted(node, X)) {
        dx[X] = cd_op_apply(&cd_op_prelu_backward, dy[0], x, cd_saved_value(node, WEIGHT));
    }
    if (cd_wanted(node, WEIGHT)) {
        dx[WEIGHT] = cd_op_apply(&cd_op_prelu_weight_backward, dy[0], x);
    }
}

static bool prelu_check(const cd_tensor *x, const cd_tensor *weight)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    if (x->dtype != weight->dtype) {
        return cd_fail(CD_ERR_DTYPE, "prelu: x is %s, and the weight %s: both must have one dtype",
                       cd_dtype_name(x->dtype), cd_dtype_name(weight->dtype));
    }
    const int64_t channels = x->shape.ndim > 1 ? x->shape.dim[1] : 1;
    return (weight->shape.ndim <= 1 && (weight->numel == 1 || weight->numel == channels)) ||
           cd_fail(CD_ERR_SHAPE,
                   "prelu: the weight (%s) must have one element, or one for each channel of x "
                   "(%s), which is %lld",
                   cd_sizes_text(&weight->shape, one), cd_sizes_text(&x->shape, two),
                   (long long)channels);
}

cd_tensor *cd_prelu(cd_tensor *x, cd_tensor *weight)
{
    if (!cd_check_tensor(x, "prelu", "x") || !cd_check_tensor(weight, "prelu", "weight") ||
        !cd_check_same_device("prelu", "x", x, "weight", weight) || !prelu_check(x, weight)) {
        return NULL;
    }
    cd_shape shape = { .ndim = x->shape.ndim };
    for (int i = 0; i < shape.ndim; i++) shape.dim[i] = i == 1 ? weight->numel : 1;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_op_apply(&cd_op_prelu, x, cd_view(weight, shape)));
}

const cd_op cd_op_prelu = {
    .name = "prelu",
    .grad_fn = "PreluKernelBackward0",
    .like = "torch.nn.functional.prelu(x, weight)",
    .formula = "y = x where x > 0, else weight x",
    .gradient = "dx = dy where x > 0, else weight dy; dweight = 0 where x > 0, else x dy",
    .dtypes = "floating, the same for both",
    .inputs = 2,
    .input = { "x", "weight" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_prelu,
    .save = { [X] = { CD_INPUT, X }, [WEIGHT] = { CD_INPUT, WEIGHT, CD_SET(X) } },
    .backward = prelu_backward,
};

/* --- prelu_backward: the gradient of x, in one pass over dy, x and the weight ----------------- */

enum { DY, OF_X, OF_WEIGHT };
enum { SAVED_X, SAVED_WEIGHT, SAVED_DY };

/* g is the gradient of dx. The gradient of dy is the same op of g; x gets none. */
static void prelu_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    cd_tensor *x = cd_saved_value(node, SAVED_X);
    if (cd_wanted(node, DY)) {
        grad[DY] = cd_op_apply(&cd_op_prelu_backward, g[0], x, cd_saved_value(node, SAVED_WEIGHT));
    }
    if (cd_wanted(node, OF_WEIGHT)) {
        cd_tensor *both = cd_mul(g[0], cd_saved_value(node, SAVED_DY));
        grad[OF_WEIGHT] = cd_where(cd_gt(x, 0), 0, both);
    }
}

static bool prelu_backward_infer(cd_call *call)
{
    const cd_tensor *dy = call->in[DY].tensor, *x = call->in[OF_X].tensor;
    if (!cd_check_gradient_shape(call, dy, x->shape)) return false;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

const cd_op cd_op_prelu_backward = {
    .name = "prelu_backward",
    .grad_fn = "PreluKernelBackwardBackward0",
    .formula = "dx = dy where x > 0, else weight dy",
    .gradient = "for dy: the same of g, for weight: 0 where x > 0, else g dy; none for x",
    .dtypes = "floating",
    .inputs = 3,
    .input = { "dy", "x", "weight" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_prelu_backward,
    .save = { [SAVED_X] = { CD_INPUT, OF_X },
              [SAVED_WEIGHT] = { CD_INPUT, OF_WEIGHT, CD_SET(DY) },
              [SAVED_DY] = { CD_INPUT, DY, CD_SET(OF_WEIGHT) } },
    .infer = prelu_backward_infer,
    .backward = prelu_backward_backward,
};

/* --- prelu_weight_backward: the gradient of the weight, before it is summed over its elements - */

/* g is the gradient of dweight. The gradient of dy is the same op of g. */
static void prelu_weight_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_prelu_weight_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    cd_tensor *above = cd_gt(cd_activation_x(node), 0);
    grad[CD_ACTIVATION_X] = cd_where(above, 0, cd_activation_dy_times(node, g[0]));
}

const cd_op cd_op_prelu_weight_backward = {
    .name = "prelu_weight_backward",
    .grad_fn = "PreluKernelBackwardBackward0",
    .formula = "dweight = 0 where x > 0, else x dy",
    .gradient = "for dy: the same of g, for x: 0 where x > 0, else g dy",
    CD_ACTIVATION_GRADIENT,
    .map = CD_MAP_prelu_weight_backward,
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = prelu_weight_backward_backward,
};
