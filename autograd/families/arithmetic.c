/* What arithmetic ops of two and three operands share. */
#include "autograd/families/arithmetic_internal.h"

#include "core/cpu/divisor_internal.h"
#include "core/cpu/elementwise_internal.h"

/* --- division by whole numbers ---------------------------------------------------------------- */

bool cd_infer_division(cd_call *call)
{
    if (!cd_infer_elementwise(call)) return false;
    if (!cd_is_floating(call->out[0].dtype)) call->need[CD_RIGHT].order = CD_ROW_MAJOR;
    return true;
}

/* Without an element in a there is nothing to divide. */
bool cd_check_divisor(const cd_launch *launch, cd_fault *fault)
{
    const cd_layout *b = launch->in[CD_RIGHT].layout;
    if (launch->in[CD_LEFT].layout->numel == 0) return true;
    fault->position = cd_cpu_first_zero(b->dtype, launch->in[CD_RIGHT].data, b->numel);
    return fault->position == b->numel;
}

bool cd_refuse_divisor(cd_call *call, const cd_fault *fault)
{
    return cd_refuse(call, CD_ERR_ARGUMENT,
                     "b is 0 (at position %lld), and an integer cannot be divided by 0",
                     (long long)fault->position);
}

void cd_run_division(const cd_launch *launch)
{
    cd_cpu_map_launch(launch->op->map, launch);
}

/* --- factors ---------------------------------------------------------------------------------- */

bool cd_infer_factor(const cd_call *call, const char *name, cd_dtype dtype, bool whole,
                     double value, cd_scalar *factor)
{
    if (whole && !cd_is_floating(dtype) && value != trunc(value)) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "%s is %g, and must be whole, since the result is %s", name, value,
                         cd_dtype_name(dtype));
    }
    if (!cd_dtype_takes(dtype, value) || (dtype == CD_BOOL && !cd_dtype_takes(CD_I64, value))) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "%s is %g, which is not among the numbers of %s",
                         name, value, cd_dtype_name(dtype));
    }
    *factor = (cd_scalar){ .real = value };
    if (!cd_is_floating(dtype)) factor->integer = (int64_t)value;
    return true;
}

cd_tensor *cd_times(cd_tensor *dy, double factor)
{
    return factor == 1 ? dy : cd_mul(dy, factor);
}

/* --- a + scale b ------------------------------------------------------------------------------ */

const cd_field cd_scaled_fields[] = { CD_FIELD(cd_scaled_attributes, alpha, REAL), CD_FIELDS_END };

cd_tensor *cd_scaled(const cd_op *op, cd_operand a, cd_operand b, double alpha, bool in_place)
{
    cd_call call;
    cd_scaled_attributes attributes = { .alpha = alpha };
    const cd_operand in[2] = { a, b };
    cd_call_begin(&call, op, in, 2);
    call.launch.attributes = &attributes;
    call.in_place = in_place;
    return cd_call_run(&call);
}

bool cd_infer_scaled(cd_call *call, int sign)
{
    cd_scaled_attributes *a = call->launch.attributes;
    if (!cd_infer_elementwise(call) ||
        !cd_infer_factor(call, ".alpha", call->need[0].dtype, true, a->alpha, &a->factor)) {
        return false;
    }
    if (sign < 0) {
        a->factor.real = -a->factor.real;
        a->factor.integer = (int64_t)(0 - (uint64_t)a->factor.integer);
    }
    return true;
}

void cd_scaled_gradients(cd_node *node, cd_tensor *dy, cd_tensor **dx, int sign)
{
    const cd_scaled_attributes *a = cd_attributes_of(node);
    if (cd_wanted(node, CD_LEFT)) dx[CD_LEFT] = dy;
    if (cd_wanted(node, CD_RIGHT)) dx[CD_RIGHT] = cd_times(dy, sign * a->alpha);
}

/* --- three inputs ----------------------------------------------------------------------------- */

static bool refuse_three(const cd_call *call)
{
    char text[3][CD_SHAPE_TEXT];
    const char *const *name = call->op->input;
    for (int k = 0; k < 3; k++) {
        const cd_shape shape = cd_call_shape(call, k);
        (void)cd_sizes_text(&shape, text[k]);
    }
    return cd_refuse(call, CD_ERR_SHAPE, "%s (%s), %s (%s) and %s (%s) do not broadcast%s", name[0],
                     text[0], name[1], text[1], name[2], text[2],
                     call->in_place ? " to the first, which is changed in place"
                                    : ": aligned at the last dimension, sizes must be equal or 1");
}

bool cd_infer_three(cd_call *call, cd_dtype dtype)
{
    cd_shape *shape = &call->out[0].shape;
    const cd_shape first = cd_call_shape(call, 0);
    if (!cd_shape_broadcast(cd_call_shape(call, 1), cd_call_shape(call, 2), shape) ||
        !cd_shape_broadcast(first, *shape, shape) ||
        (call->in_place && !cd_shape_equal(*shape, first))) {
        return refuse_three(call);
    }
    if (!cd_check_computes_in(call, dtype) || (call->in_place && !cd_check_fits(call, dtype))) {
        return false;
    }
    for (int k = 0; k < 3; k++) {
        call->need[k] = (cd_need){ .dtype = dtype, .apart = CD_APART_OR_SAME };
    }
    call->out[0].dtype = dtype;
    return true;
}
