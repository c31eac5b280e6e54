/* clamp_min and clamp_max: one bound, a number or a tensor.
 *
 *   y = max(x, low)          dx = dy where x >= low, else 0
 *   y = min(x, high)         dx = dy where x <= high, else 0
 *
 * The gradient of a tensor bound is dy where x is strictly beyond it. NaN passes, from x or from
 * the bound, without a gradient. */
#include "autograd/op_internal.h"
#include "core/dtype_internal.h"

/* --- the bound is a number -------------------------------------------------------------------- */

static cd_bounds bounds_of(bool upper, cd_operand bound)
{
    cd_scalar at = { .real = bound.number, .integer = bound.integer };
    return (cd_bounds){ .has_min = !upper, .has_max = upper, .min = at, .max = at };
}

/* Integers are compared in their own dtype, so the bound must be brought into its range: one that
 * every element keeps to is no bound, one that no element could be is refused, as in PyTorch. */
static bool fit_bound(cd_call *call, cd_dtype dtype, bool upper, cd_operand *bound)
{
    int64_t least = dtype == CD_U8 ? 0 : dtype == CD_I32 ? INT32_MIN : INT64_MIN;
    int64_t most = dtype == CD_U8 ? UINT8_MAX : dtype == CD_I32 ? INT32_MAX : INT64_MAX;
    if (cd_dtype_is_floating(dtype)) {
        return cd_dtype_takes(dtype, bound->number) ||
               cd_op_fail(call, CD_ERR_ARGUMENT, "the bound %g is not among the numbers of %s",
                          bound->number, cd_dtype_name(dtype));
    }
    if (upper ? bound->integer < least : bound->integer > most) {
        return cd_op_fail(call, CD_ERR_ARGUMENT, "the bound %lld is not among the numbers of %s",
                          (long long)bound->integer, cd_dtype_name(dtype));
    }
    if (bound->integer < least) bound->integer = least;
    if (bound->integer > most) bound->integer = most;
    return true;
}

static void clamp_backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* dx = dy where x keeps to the bound, else 0, and the same for a gradient of that. */
static const cd_op clamp_backward_op = {
    .name = "clamp_backward",
    .grad_fn = "ClampBackwardBackward0",
    .formula = "dx = dy where x keeps to the bound, else 0",
    .gradient = "ddy = ddx where x keeps to the bound, else 0",
    .dtypes = "floating",
    .backward = clamp_backward_backward,
};

/* The operand is kept as number 1 in the parameters, and the side in i[0], which is operand 0's. */
static cd_tensor *clamp_backward(cd_node *node, cd_tensor *dy)
{
    cd_call call;
    cd_tensor *x = cd_saved_value(node, 0);
    if (!x || !cd_op_begin(&call, &clamp_backward_op, dy, x)) return NULL;
    cd_bounds bounds = bounds_of(node->parameters.i[0], cd_saved_operand(node, 1));
    cd_tensor *dx = cd_op_output(&call, x->dtype, x->shape);
    if (dx) cd_map_2(CD_MAP_clamp_backward, dx, dy, x, &bounds);
    cd_op_save(&call, x);
    call.parameters = node->parameters;
    return cd_op_end(&call);
}

static void clamp_backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = clamp_backward(node, dy[0]);
}

void cd_clamp_number_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = clamp_backward(node, dy[0]);
}

static cd_tensor *clamp_number(const cd_clamp_op *op, cd_tensor *x, cd_operand bound)
{
    cd_call call;
    if (!cd_op_begin(&call, op->number, x)) return NULL;
    cd_dtype dtype = cd_result_type((const cd_operand[]){ cd_operand_tensor(x), bound }, 2);
    if (!cd_cpu_loop(CD_MAP_clamp, dtype)) {
        (void)cd_op_fail(&call, CD_ERR_DTYPE, "is not defined for %s", cd_dtype_name(dtype));
    } else if (fit_bound(&call, dtype, op->upper, &bound)) {
        cd_tensor *from = cd_op_as(&call, x, dtype), *at = cd_op_operand(&call, bound, dtype);
        cd_tensor *y = cd_op_output(&call, dtype, x->shape);
        cd_bounds bounds = bounds_of(op->upper, bound);
        bool number = bound.number == bound.number;
        if (y && number) cd_map_1(CD_MAP_clamp, y, from, &bounds);
        if (y && !number) cd_map_2(CD_MAP_maximum, y, from, at, NULL);
        cd_op_save(&call, x);
        cd_op_save_operand(&call, 1, bound);
        call.parameters.i[0] = op->upper;
    }
    return cd_op_end(&call);
}

/* --- the bound is a tensor -------------------------------------------------------------------- */

void cd_clamp_tensor_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0), *bound = cd_saved_value(node, 1);
    bool upper = node->parameters.i[0];
    if (cd_wanted(node, 0)) {
        dx[0] = cd_where(upper ? cd_le(x, bound) : cd_ge(x, bound), dy[0], 0);
    }
    if (cd_wanted(node, 1)) {
        dx[1] = cd_where(upper ? cd_gt(x, bound) : cd_lt(x, bound), dy[0], 0);
    }
}

static cd_tensor *clamp_tensor(const cd_clamp_op *op, cd_tensor *x, cd_tensor *bound)
{
    cd_call call;
    cd_shape shape;
    const cd_map map = op->upper ? CD_MAP_minimum : CD_MAP_maximum;
    if (!cd_op_begin(&call, op->tensor, x, bound)) return NULL;
    if (!cd_shape_broadcast(x->shape, bound->shape, &shape)) {
        char text_x[CD_SHAPE_TEXT], text_bound[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE,
                         "x (%s) and the bound (%s) do not broadcast: aligned at the last "
                         "dimension, sizes must be equal or 1",
                         cd_shape_text(x->shape, text_x), cd_shape_text(bound->shape, text_bound));
        return cd_op_end(&call);
    }
    cd_dtype dtype =
        cd_result_type((const cd_operand[]){ cd_operand_tensor(x), cd_operand_tensor(bound) }, 2);
    cd_tensor *from = cd_op_as(&call, x, dtype), *at = cd_op_as(&call, bound, dtype);
    cd_tensor *y = cd_op_output(&call, dtype, shape);
    if (y) cd_map_2(map, y, from, at, NULL);
    cd_op_save(&call, x);
    cd_op_save(&call, bound);
    call.parameters.i[0] = op->upper;
    return cd_op_end(&call);
}

cd_tensor *cd_op_clamp(const cd_clamp_op *op, cd_tensor *x, cd_operand bound)
{
    if (!cd_check_tensor(x, op->number->name, "x") ||
        !cd_check_operand(bound, op->number->name, "the bound")) {
        return NULL;
    }
    return bound.kind == CD_OPERAND_TENSOR ? clamp_tensor(op, x, bound.tensor)
                                           : clamp_number(op, x, bound);
}
