/* addcdiv: x plus value times the quotient of a and b. Three tensors, which broadcast; a and b are
 * not both integers.
 *
 * Saves a and b. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

enum { X, A, B };
enum { SAVED_A, SAVED_B };

static const cd_field fields[] = { CD_FIELD(cd_value_attributes, value, REAL), CD_FIELDS_END };

static void addcdiv_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const double value = ((const cd_value_attributes *)cd_attributes_of(node))->value;
    if (cd_wanted(node, X)) dx[X] = dy[0];
    if (!cd_wanted(node, A) && !cd_wanted(node, B)) return;
    cd_tensor *b = cd_saved_value(node, SAVED_B);
    if (cd_wanted(node, A)) dx[A] = cd_mul(dy[0], cd_div(value, b));
    if (cd_wanted(node, B)) {
        cd_tensor *slope = cd_div(cd_saved_value(node, SAVED_A), cd_mul(b, b));
        dx[B] = cd_mul(dy[0], cd_mul(slope, -value));
    }
}

static bool addcdiv_infer(cd_call *call)
{
    cd_value_attributes *a = call->launch.attributes;
    const cd_dtype dtype = cd_result_type(call->in, 3);
    if (!cd_is_floating(cd_result_type(&call->in[A], 2))) {
        return cd_refuse(
            call, CD_ERR_DTYPE,
            "a is %s and b is %s, and one of them must be floating: cd_div of integers "
            "by a rounding mode, then cd_add with .alpha, divides whole numbers",
            cd_dtype_name(call->in[A].tensor->dtype), cd_dtype_name(call->in[B].tensor->dtype));
    }
    return cd_infer_three(call, dtype) &&
           cd_infer_factor(call, ".value", dtype, false, a->value, &a->factor);
}

cd_tensor *cd_addcdiv_with(cd_value_options o)
{
    cd_value_attributes a = { .value = cd_option_or(o.value, 1) };
    return cd_op_with(&cd_op_addcdiv, &a, o.x, o.a, o.b);
}

cd_tensor *cd_addcdiv_with_(cd_value_options o)
{
    cd_value_attributes a = { .value = cd_option_or(o.value, 1) };
    return cd_op_in_place_with(&cd_op_addcdiv, &a, o.x, o.a, o.b);
}

const cd_op cd_op_addcdiv = {
    .name = "addcdiv",
    .grad_fn = "AddcdivBackward0",
    .like = "torch.addcdiv(x, a, b, value)",
    .formula = "y = x + value a / b",
    .gradient = "dx = dy, da = dy value / b, db = -dy value a / b^2",
    .dtypes = "floating",
    .inputs = 3,
    .input = { "x", "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_addcdiv,
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) },
              [SAVED_B] = { CD_INPUT, B, CD_SET(A) | CD_SET(B) } },
    CD_OP_ATTRIBUTES(cd_value_attributes, fields),
    .infer = addcdiv_infer,
    .backward = addcdiv_backward,
};
