/* clamp: x limited to the range from low to high, which are numbers or tensors.
 *
 * NaN stays, in x and in a bound. With low above high the result is high. Gradients at a bound are
 * those of PyTorch 2.15; PyTorch 1.13 let the gradient pass where x is equal to a number.
 *
 * Two numbers: the op clamp. It saves x. Kernel: core/cpu/select.c. The gradient is an op itself,
 * clamp_backward, which clamp_min and clamp_max use too.
 *
 * A tensor among the bounds: the op clamp_tensor, where a number counts as a 0-d tensor and all
 * three broadcast. It saves all three. Kernels: maximum, then minimum, in core/cpu/binary.c. At a
 * bound x and that bound have half the gradient each. Where low is above high, high has it all;
 * where both are equal to x, x has it all. */
#include "autograd/families/clamp_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { X, LOW, HIGH };

static cd_tensor *clamp(cd_tensor *x, cd_operand low, cd_operand high, bool in_place)
{
    if (!cd_check_tensor(x, "clamp", "x") || !cd_check_operand(low, "clamp", "low") ||
        !cd_check_operand(high, "clamp", "high")) {
        return NULL;
    }
    if (low.kind != CD_OPERAND_TENSOR && high.kind != CD_OPERAND_TENSOR) {
        return cd_clamp_by(&cd_op_clamp, x, &low, &high, in_place);
    }
    cd_call call;
    const cd_operand in[3] = { cd_operand_tensor(x), low, high };
    cd_call_begin(&call, &cd_op_clamp_tensor, in, 3);
    call.in_place = in_place;
    return cd_call_run(&call);
}

cd_tensor *cd_clamp_with(cd_tensor *x, cd_operand low, cd_operand high)
{
    return clamp(x, low, high, false);
}

cd_tensor *cd_clamp_with_(cd_tensor *x, cd_operand low, cd_operand high)
{
    return clamp(x, low, high, true);
}

const cd_op cd_op_clamp = {
    .name = "clamp",
    .grad_fn = "ClampBackward1",
    .like = "torch.clamp(x, low, high)",
    .formula = "y = min(max(x, low), high)",
    .gradient = "dx = dy where low < x < high, else 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_NUMERIC,
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_clamp_attributes, cd_clamp_fields),
    .infer = cd_infer_clamp,
    .cpu = { .run = cd_run_clamp },
    .backward = cd_clamp_numbers_backward,
};

/* --- clamp_backward: the gradient with numbers as bounds, of clamp_min and clamp_max too ------ */

/* g is the gradient of dx. The gradient of dy is the same op of g; x gets none. */
static void clamp_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, 0)) cd_clamp_numbers_backward(node, g, grad);
}

/* The map takes the bounds as its parameters: the attributes begin with them. */
const cd_op cd_op_clamp_backward = {
    .name = "clamp_backward",
    .grad_fn = "ClampBackwardBackward0",
    .formula = "dx = dy where x lies strictly within the bounds, else 0",
    .gradient = "for dy: g where x lies strictly within the bounds, else 0; none for x",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_clamp_backward,
    .save = { { CD_INPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_clamp_attributes, cd_clamp_fields),
    .backward = clamp_backward_backward,
};

/* --- clamp_tensor: a bound is a tensor -------------------------------------------------------- */

/* dy where `whole` is true, half of it where `half` is, else 0. */
static cd_tensor *portion(cd_tensor *dy, cd_tensor *whole, cd_tensor *half)
{
    return cd_where(whole, dy, cd_where(half, cd_mul(dy, 0.5), 0));
}

/* Of bool tensors, cd_mul is "and", and cd_add is "or". */
static void tensors_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_operand x = cd_saved_input(node, X);
    cd_operand low = cd_saved_input(node, LOW), high = cd_saved_input(node, HIGH);
    if (!cd_ok()) return;
    cd_tensor *apart = cd_lt_with(low, high);
    cd_tensor *crossed = cd_gt_with(low, high), *ordered = cd_le_with(low, high);
    cd_tensor *at_low = cd_mul(cd_eq_with(x, low), apart);
    cd_tensor *at_high = cd_mul(cd_eq_with(x, high), apart);
    cd_tensor *below = cd_lt_with(x, low), *above = cd_gt_with(x, high);
    if (cd_wanted(node, X)) {
        cd_tensor *within = cd_where(cd_add(at_low, at_high), cd_mul(dy[0], 0.5), dy[0]);
        dx[X] = cd_where(cd_add(below, above), 0, within);
    }
    if (cd_wanted(node, LOW)) dx[LOW] = portion(dy[0], cd_mul(below, ordered), at_low);
    if (cd_wanted(node, HIGH)) {
        dx[HIGH] = portion(dy[0], cd_add(cd_mul(above, ordered), crossed), at_high);
    }
}

static bool infer_tensors(cd_call *call)
{
    char text[3][CD_SHAPE_TEXT];
    cd_shape *shape = &call->out[0].shape;
    const cd_shape x = call->in[X].tensor->shape;
    const cd_shape low = cd_call_shape(call, LOW), high = cd_call_shape(call, HIGH);
    const cd_dtype dtype = cd_result_type(call->in, 3);
    if (!cd_shape_broadcast(low, high, shape) || !cd_shape_broadcast(x, *shape, shape) ||
        (call->in_place && !cd_shape_equal(*shape, x))) {
        return cd_refuse(
            call, CD_ERR_SHAPE, "x (%s), low (%s) and high (%s) do not broadcast%s",
            cd_sizes_text(&x, text[0]), cd_sizes_text(&low, text[1]), cd_sizes_text(&high, text[2]),
            call->in_place ? " to x, which is changed in place"
                           : ": aligned at the last dimension, sizes must be equal or 1");
    }
    if (!cd_check_computes_in(call, dtype) || (call->in_place && !cd_check_fits(call, dtype))) {
        return false;
    }
    for (int k = X; k <= HIGH; k++) {
        call->need[k] = (cd_need){ .dtype = dtype, .apart = CD_APART_OR_SAME };
    }
    call->out[0].dtype = dtype;
    return true;
}

static void run_tensors(const cd_launch *launch)
{
    const cd_array *y = &launch->out[0];
    const cd_array lower[2] = { launch->in[X], launch->in[LOW] };
    const cd_array upper[2] = { *y, launch->in[HIGH] };
    cd_cpu_apply(CD_MAP_maximum, y, 2, lower);
    cd_cpu_apply(CD_MAP_minimum, y, 2, upper);
}

const cd_op cd_op_clamp_tensor = {
    .name = "clamp",
    .grad_fn = "ClampBackward0",
    .like = "torch.clamp(x, low, high) with tensors",
    .formula = "y = min(max(x, low), high)",
    .gradient =
        "dx = dy within the bounds, dlow = dy below, dhigh = dy above; half each at a bound",
    .dtypes = "all but bool",
    .inputs = 3,
    .numbers = CD_SET(LOW) | CD_SET(HIGH),
    .input = { "x", "low", "high" },
    .computes_in = CD_NUMERIC,
    .save = { [X] = { CD_INPUT, X }, [LOW] = { CD_INPUT, LOW }, [HIGH] = { CD_INPUT, HIGH } },
    .infer = infer_tensors,
    .cpu = { .run = run_tensors },
    .backward = tensors_backward,
};
