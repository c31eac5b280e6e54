/* The larger or the smaller of two: of tensors, or of a tensor and bounds that are numbers.
 *
 * With a number as the bound the gradient passes only strictly within it, and not at NaN. Of two
 * tensors the larger has it, equal ones have half each, and beside a NaN both have it whole: as in
 * PyTorch 2.15 (1.13 let a number's pass at the bound too, and gave the first of equal tensors
 * all).
 */
#include "autograd/clamp_internal.h"

#include "core/dtype_internal.h"

/* --- numbers ---------------------------------------------------------------------------------- */

enum { HAS_LOW = 6, HAS_HIGH = 7 }; /* in the parameters, after the two operands */

static cd_bounds bounds_of(const cd_operand *low, const cd_operand *high)
{
    cd_bounds bounds = { .has_min = low, .has_max = high };
    if (low) bounds.min = (cd_scalar){ .real = low->number, .integer = low->integer };
    if (high) bounds.max = (cd_scalar){ .real = high->number, .integer = high->integer };
    return bounds;
}

/* Integers are compared in their own dtype, so the bound must be brought into its range: one that
 * every element keeps to is no bound, one that no element could be is refused, as in PyTorch. */
static bool fit_bound(const char *what, cd_dtype dtype, bool upper, cd_operand *bound)
{
    int64_t least = dtype == CD_U8 ? 0 : dtype == CD_I32 ? INT32_MIN : INT64_MIN;
    int64_t most = dtype == CD_U8 ? UINT8_MAX : dtype == CD_I32 ? INT32_MAX : INT64_MAX;
    if (cd_dtype_is_floating(dtype)) {
        return cd_dtype_takes(dtype, bound->number) ||
               cd_fail(CD_ERR_ARGUMENT, "%s: %g is not among the numbers of %s", what,
                       bound->number, cd_dtype_name(dtype));
    }
    if (upper ? bound->integer < least : bound->integer > most) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %lld is not among the numbers of %s", what,
                       (long long)bound->integer, cd_dtype_name(dtype));
    }
    if (bound->integer < least) bound->integer = least;
    if (bound->integer > most) bound->integer = most;
    return true;
}

static void clamp_backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* dx = dy where x lies within the bounds, else 0, and the same for a gradient of that. */
static const cd_op clamp_backward_op = {
    .name = "clamp_backward",
    .grad_fn = "ClampBackwardBackward0",
    .formula = "dx = dy where x lies strictly within the bounds, else 0",
    .gradient = "ddy = ddx where x lies strictly within the bounds, else 0",
    .dtypes = "floating",
    .backward = clamp_backward_backward,
};

static cd_tensor *clamp_backward(cd_node *node, cd_tensor *dy)
{
    cd_old_call call;
    cd_tensor *x = cd_saved_value(node, 0);
    if (!x || !cd_op_begin(&call, &clamp_backward_op, dy, x)) return NULL;
    cd_operand low = cd_saved_operand(node, 0), high = cd_saved_operand(node, 1);
    cd_bounds bounds = bounds_of(node->parameters->i[HAS_LOW] ? &low : NULL,
                                 node->parameters->i[HAS_HIGH] ? &high : NULL);
    cd_tensor *dx = cd_op_output(&call, x->dtype, x->shape);
    if (dx) cd_map_2(CD_MAP_clamp_backward, dx, dy, x, &bounds);
    cd_op_save(&call, x);
    call.parameters = *node->parameters;
    return cd_op_end(&call);
}

static void clamp_backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = clamp_backward(node, dy[0]);
}

void cd_clamp_numbers_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = clamp_backward(node, dy[0]);
}

static void save_bound(cd_old_call *call, int k, const cd_operand *bound)
{
    if (!bound) return;
    cd_op_save_operand(call, k, *bound);
    call->parameters.i[HAS_LOW + k] = true;
}

static void compute(cd_tensor *y, const cd_tensor *x, const cd_operand *low, const cd_operand *high)
{
    const cd_bounds bounds = bounds_of(low, high);
    const bool nan = (low && isnan(low->number)) || (high && isnan(high->number));
    const double value = NAN;
    const float single = NAN;
    if (nan) cd_map_0(CD_MAP_fill, y, y->dtype == CD_F64 ? (const void *)&value : &single);
    if (!nan) cd_map_1(CD_MAP_clamp, y, x, &bounds);
}

static cd_dtype type_of(cd_tensor *x, const cd_operand *low, const cd_operand *high)
{
    cd_operand meet[3] = { cd_operand_tensor(x) };
    int count = 1;
    if (low) meet[count++] = *low;
    if (high) meet[count++] = *high;
    return cd_result_type(meet, count);
}

cd_tensor *cd_op_clamp_numbers(const cd_op *op, cd_tensor *x, cd_operand *low, cd_operand *high,
                               bool in_place)
{
    cd_old_call call;
    if (!cd_check_tensor(x, op->name, "x") || !cd_op_begin_on(&call, op, x, in_place)) return NULL;
    const cd_dtype dtype = type_of(x, low, high);
    if (!cd_op_check_map(&call, CD_MAP_clamp, dtype) ||
        (low && !fit_bound(op->name, dtype, false, low)) ||
        (high && !fit_bound(op->name, dtype, true, high))) {
        call.failed = true;
        return cd_op_end(&call);
    }
    save_bound(&call, 0, low);
    save_bound(&call, 1, high);
    cd_tensor *y = cd_op_target(&call, x, dtype, CD_SAVES_INPUT);
    cd_tensor *from = cd_op_as(&call, x, dtype);
    if (y && from) compute(y, from, low, high);
    return cd_op_end(&call);
}

/* --- tensors ---------------------------------------------------------------------------------- */

/* The gradient of the one that has lost to the other where `lost` says so. */
static cd_tensor *share(cd_tensor *dy, cd_tensor *lost, cd_tensor *equal)
{
    return cd_where(lost, 0, cd_where(equal, cd_mul(dy, 0.5), dy));
}

static void choice_backward(cd_node *node, cd_tensor *dy, cd_tensor **dx, bool smaller)
{
    cd_operand a = cd_saved_input(node, 0), b = cd_saved_input(node, 1);
    cd_tensor *equal = cd_eq_with(a, b);
    if (cd_wanted(node, 0)) {
        dx[0] = share(dy, smaller ? cd_gt_with(a, b) : cd_lt_with(a, b), equal);
    }
    if (cd_wanted(node, 1)) {
        dx[1] = share(dy, smaller ? cd_lt_with(a, b) : cd_gt_with(a, b), equal);
    }
}

void cd_maximum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    choice_backward(node, dy[0], dx, false);
}

void cd_minimum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    choice_backward(node, dy[0], dx, true);
}

cd_tensor *cd_op_choice(const cd_op *op, cd_operand a, cd_operand b)
{
    cd_operand *number = a.kind != CD_OPERAND_TENSOR ? &a : &b;
    if (!cd_check_operand(a, op->name, "a") || !cd_check_operand(b, op->name, "b")) return NULL;
    if (number->kind != CD_OPERAND_TENSOR &&
        !fit_bound(op->name, cd_result_type((const cd_operand[]){ a, b }, 2),
                   op->map == CD_MAP_minimum, number)) {
        return NULL;
    }
    return cd_op_binary(op, a, b);
}

/* --- clamp_min and clamp_max ------------------------------------------------------------------ */

cd_tensor *cd_op_clamp_one(const cd_clamp_op *op, cd_tensor *x, cd_operand bound, bool in_place)
{
    if (!cd_check_tensor(x, op->number->name, "x") ||
        !cd_check_operand(bound, op->number->name, "the bound")) {
        return NULL;
    }
    if (bound.kind != CD_OPERAND_TENSOR) {
        return cd_op_clamp_numbers(op->number, x, op->upper ? NULL : &bound,
                                   op->upper ? &bound : NULL, in_place);
    }
    if (in_place) return cd_op_binary_in_place(op->tensor, x, bound);
    return cd_op_binary(op->tensor, cd_operand_tensor(x), bound);
}
