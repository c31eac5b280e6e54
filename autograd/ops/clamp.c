/* autograd/ops/clamp.c
 *
 *   y = min(max(x, low), high)
 *   numbers:  dx = dy where low < x < high, else 0: none at a bound, and none at NaN
 *   tensors:  dx = dy within the bounds, dlow = dy below low, dhigh = dy above high, half each at
 *             a bound
 *
 * With low above high it is high, which then has all of the gradient; with low equal to high x has
 * it there. Tensors broadcast; a number beside a tensor counts as one. NaN passes, from any of
 * them. Saves x and the bounds that are tensors. All as in PyTorch 2.15; in 1.13 numbers let it
 * pass at the bounds too. */
#include "autograd/clamp_internal.h"

/* --- a bound is a tensor ---------------------------------------------------------------------- */

/* dy where the one is true, half of it where the other is. */
static cd_tensor *portion(cd_tensor *dy, cd_tensor *whole, cd_tensor *half)
{
    return cd_where(whole, dy, cd_where(half, cd_mul(dy, 0.5), 0));
}

/* Products of bool are "and", sums are "or". */
static void tensors_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_operand x = cd_operand_tensor(cd_saved_value(node, 0));
    cd_operand low = cd_saved_operand(node, 0), high = cd_saved_operand(node, 1);
    if (!cd_ok()) return;
    cd_tensor *apart = cd_lt_with(low, high);
    cd_tensor *crossed = cd_gt_with(low, high), *ordered = cd_le_with(low, high);
    cd_tensor *at_low = cd_mul(cd_eq_with(x, low), apart);
    cd_tensor *at_high = cd_mul(cd_eq_with(x, high), apart);
    cd_tensor *below = cd_lt_with(x, low), *above = cd_gt_with(x, high);
    if (cd_wanted(node, 0)) {
        cd_tensor *at = cd_where(cd_add(at_low, at_high), cd_mul(dy[0], 0.5), dy[0]);
        dx[0] = cd_where(cd_add(below, above), 0, at);
    }
    if (cd_wanted(node, 1)) dx[1] = portion(dy[0], cd_mul(below, ordered), at_low);
    if (cd_wanted(node, 2)) {
        dx[2] = portion(dy[0], cd_add(cd_mul(above, ordered), crossed), at_high);
    }
}

static const cd_op with_tensors = {
    .name = "clamp",
    .grad_fn = "ClampBackward0",
    .like = "torch.clamp(x, low, high) with tensors",
    .formula = "y = min(max(x, low), high)",
    .gradient =
        "dx = dy within the bounds, dlow = dy below, dhigh = dy above; half each at a bound",
    .dtypes = "all but bool",
    .backward = tensors_backward,
};

static cd_shape shape_of(cd_operand o)
{
    const cd_tensor *t = cd_operand_input(o);
    return t ? t->shape : CD_SCALAR;
}

static bool check(cd_old_call *call, const cd_tensor *x, cd_operand low, cd_operand high,
                  cd_dtype dtype, cd_shape *shape)
{
    char text[3][CD_SHAPE_TEXT];
    if (!cd_shape_broadcast(shape_of(low), shape_of(high), shape) ||
        !cd_shape_broadcast(x->shape, *shape, shape) ||
        (call->in_place && !cd_shape_equal(*shape, x->shape))) {
        return cd_op_fail(call, CD_ERR_SHAPE, "x (%s), low (%s) and high (%s) do not broadcast%s",
                          cd_shape_text(x->shape, text[0]), cd_shape_text(shape_of(low), text[1]),
                          cd_shape_text(shape_of(high), text[2]),
                          call->in_place
                              ? " to x, which is changed in place"
                              : ": aligned at the last dimension, sizes must be equal or 1");
    }
    if (dtype == CD_BOOL) {
        return cd_op_fail(call, CD_ERR_DTYPE, "is not defined for bool: convert with cd_to first");
    }
    return !call->in_place || cd_op_check_fits(call, x, dtype);
}

static void compute(cd_tensor *y, const cd_tensor *x, const cd_tensor *low, const cd_tensor *high)
{
    cd_map_2(CD_MAP_maximum, y, x, low, NULL);
    cd_map_2(CD_MAP_minimum, y, y, high, NULL);
}

static cd_tensor *clamp_tensors(cd_tensor *x, cd_operand low, cd_operand high, bool in_place)
{
    cd_old_call call;
    cd_shape shape;
    cd_tensor *const in[3] = { x, cd_operand_input(low), cd_operand_input(high) };
    if (!(in_place ? cd_op_begin_in_place(&call, &with_tensors, 1, 3, in)
                   : cd_op_begin_optional(&call, &with_tensors, 1, 3, in))) {
        return NULL;
    }
    cd_dtype dtype = cd_result_type((const cd_operand[]){ cd_operand_tensor(x), low, high }, 3);
    if (!check(&call, x, low, high, dtype, &shape)) return cd_op_end(&call);
    cd_tensor *from = cd_op_as(&call, x, dtype);
    cd_tensor *least = cd_op_operand(&call, low, dtype), *most = cd_op_operand(&call, high, dtype);
    cd_tensor *y = x;
    if (in_place) {
        least = cd_op_apart(&call, x, least);
        most = cd_op_apart(&call, x, most);
        if (from != x) y = cd_op_temporary(&call, dtype, shape);
    } else {
        y = cd_op_output(&call, dtype, shape);
    }
    cd_op_save(&call, cd_op_before_change(&call, x));
    cd_op_save_operand(&call, 0, low);
    cd_op_save_operand(&call, 1, high);
    if (in_place && !cd_op_before_write(&call)) return cd_op_end(&call);
    if (!call.failed) compute(y, from, least, most);
    if (!call.failed && in_place && y != x) cd_tensor_copy(x, y);
    return cd_op_end(&call);
}

/* --- the op ----------------------------------------------------------------------------------- */

static cd_tensor *clamp(cd_tensor *x, cd_operand low, cd_operand high, bool in_place)
{
    if (!cd_check_tensor(x, "clamp", "x") || !cd_check_operand(low, "clamp", "low") ||
        !cd_check_operand(high, "clamp", "high")) {
        return NULL;
    }
    if (low.kind == CD_OPERAND_TENSOR || high.kind == CD_OPERAND_TENSOR) {
        return clamp_tensors(x, low, high, in_place);
    }
    return cd_op_clamp_numbers(&cd_op_clamp, x, &low, &high, in_place);
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
    .backward = cd_clamp_numbers_backward,
};
