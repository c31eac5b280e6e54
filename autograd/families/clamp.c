/* What clamp, clamp_min, clamp_max, maximum and minimum share.
 *
 * With a number as the bound, x has the gradient where it is strictly within the bound; not at the
 * bound, and not where it is NaN. Of two tensors the one that is chosen has the gradient; equal
 * ones have half of it each, and beside a NaN both have all of it. As in PyTorch 2.15. (In PyTorch
 * 1.13 the gradient passed at a bound that is a number, and the first of two equal tensors had all
 * of it.) */
#include "autograd/families/clamp_internal.h"

#include <math.h>

#include "core/cpu/elementwise_internal.h"
#include "core/dtype_internal.h"
#include "core/operand_internal.h"

bool cd_check_operand(cd_operand o, const char *function, const char *argument)
{
    if (o.kind == CD_OPERAND_TENSOR && !o.tensor) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: %s is NULL (cd_grad gives NULL until a gradient has arrived)", function,
                       argument);
    }
    return o.kind != CD_OPERAND_TENSOR || cd_check_tensor(o.tensor, function, argument);
}

/* --- bounds that are numbers ------------------------------------------------------------------ */

const cd_field cd_clamp_fields[] = { CD_FIELD(cd_clamp_attributes, low, NUMBER),
                                     CD_FIELD(cd_clamp_attributes, high, NUMBER), CD_FIELDS_END };

/* Moves a bound into the range of an integer dtype, in which it will be compared. For uint8, a
 * lower bound of -1 changes no element and becomes 0. A lower bound of 300 would be the result for
 * every element, and is refused, as in PyTorch. */
static bool fit_bound(const char *what, cd_dtype dtype, bool upper, cd_number *bound)
{
    const int64_t least = cd_integer_ranges[dtype].min, most = cd_integer_ranges[dtype].max;
    if (cd_dtype_is_floating(dtype)) {
        return cd_dtype_takes(dtype, bound->real) ||
               cd_fail(CD_ERR_ARGUMENT, "%s: %g is not among the numbers of %s", what, bound->real,
                       cd_dtype_name(dtype));
    }
    if (upper ? bound->integer < least : bound->integer > most) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %lld is not among the numbers of %s", what,
                       (long long)bound->integer, cd_dtype_name(dtype));
    }
    if (bound->integer < least) bound->integer = least;
    if (bound->integer > most) bound->integer = most;
    return true;
}

static bool is_given(cd_number bound)
{
    return bound.kind != CD_OPERAND_TENSOR;
}

static cd_operand operand_of(cd_number n)
{
    return (cd_operand){ n.kind, NULL, n.integer, n.real };
}

static cd_scalar scalar_of(cd_number n)
{
    return (cd_scalar){ .real = n.real, .integer = n.integer };
}

static cd_dtype dtype_of(const cd_call *call, const cd_clamp_attributes *a)
{
    cd_operand meet[3] = { call->in[0] };
    int count = 1;
    if (is_given(a->low)) meet[count++] = operand_of(a->low);
    if (is_given(a->high)) meet[count++] = operand_of(a->high);
    return cd_result_type(meet, count);
}

bool cd_infer_clamp(cd_call *call)
{
    cd_clamp_attributes *a = call->launch.attributes;
    const cd_dtype dtype = dtype_of(call, a);
    if (!cd_check_computes_in(call, dtype) ||
        (is_given(a->low) && !fit_bound(call->name, dtype, false, &a->low)) ||
        (is_given(a->high) && !fit_bound(call->name, dtype, true, &a->high)) ||
        (call->in_place && !cd_check_fits(call, dtype))) {
        return false;
    }
    a->bounds = (cd_bounds){ .has_min = is_given(a->low),
                             .has_max = is_given(a->high),
                             .min = scalar_of(a->low),
                             .max = scalar_of(a->high) };
    call->need[0].dtype = call->out[0].dtype = dtype;
    call->out[0].shape = call->in[0].tensor->shape;
    return true;
}

/* With a bound that is NaN all elements become NaN. */
void cd_run_clamp(const cd_launch *launch)
{
    const cd_clamp_attributes *a = launch->attributes;
    const cd_dtype dtype = launch->out[0].layout->dtype;
    union {
        float f32;
        double f64;
    } nan = { .f64 = 0 }; /* room for an element of any floating dtype */
    if ((is_given(a->low) && isnan(a->low.real)) || (is_given(a->high) && isnan(a->high.real))) {
        cd_put_real(dtype, &nan, 0, (double)NAN);
        cd_cpu_elementwise(cd_cpu_loop(CD_MAP_fill, dtype), &launch->out[0], 0, NULL, &nan);
    } else {
        cd_cpu_elementwise(cd_cpu_loop(CD_MAP_clamp, dtype), &launch->out[0], 1, launch->in,
                           &a->bounds);
    }
}

static cd_number number_of(const cd_operand *bound)
{
    return bound ? (cd_number){ bound->kind, bound->integer, bound->number }
                 : (cd_number){ CD_OPERAND_TENSOR, 0, 0 };
}

cd_tensor *cd_clamp_by(const cd_op *op, cd_tensor *x, const cd_operand *low, const cd_operand *high,
                       bool in_place)
{
    cd_clamp_attributes a = { .low = number_of(low), .high = number_of(high) };
    return cd_op_tensors(op, in_place, &a, 1, &x);
}

/* Also the gradient of clamp_backward itself: the node of either op has x in its one slot. */
void cd_clamp_numbers_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_clamp_attributes *given = cd_attributes_of(node);
    cd_clamp_attributes a = *given;
    dx[0] = cd_op_with(&cd_op_clamp_backward, &a, dy[0], cd_saved_value(node, 0));
}

/* --- tensors ---------------------------------------------------------------------------------- */

/* The gradient of one operand: none where the other was chosen (`lost`), half where they are
 * equal. */
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

cd_tensor *cd_maximum_or_minimum(const cd_op *op, cd_operand a, cd_operand b)
{
    cd_operand *number = a.kind != CD_OPERAND_TENSOR ? &a : &b;
    if (!cd_check_operand(a, op->name, "a") || !cd_check_operand(b, op->name, "b")) return NULL;
    if (number->kind != CD_OPERAND_TENSOR) {
        cd_number bound = number_of(number);
        cd_dtype dtype = cd_result_type((const cd_operand[]){ a, b }, 2);
        if (!fit_bound(op->name, dtype, op->map == CD_MAP_minimum, &bound)) return NULL;
        *number = operand_of(bound);
    }
    return cd_op_binary(op, a, b);
}

/* --- clamp_min and clamp_max ------------------------------------------------------------------ */

cd_tensor *cd_clamp_one(const cd_clamp_op *op, cd_tensor *x, cd_operand bound, bool in_place)
{
    if (!cd_check_tensor(x, op->number->name, "x") ||
        !cd_check_operand(bound, op->number->name, "the bound")) {
        return NULL;
    }
    if (bound.kind != CD_OPERAND_TENSOR) {
        return cd_clamp_by(op->number, x, op->upper ? NULL : &bound, op->upper ? &bound : NULL,
                           in_place);
    }
    if (in_place) return cd_op_binary_in_place(op->tensor, x, bound);
    return cd_op_binary(op->tensor, cd_operand_tensor(x), bound);
}
