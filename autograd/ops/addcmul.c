/* addcmul: x plus value times the product of a and b. Three tensors, which broadcast and are
 * promoted.
 *
 * Saves a and b. Kernel: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

enum { X, A, B };
enum { SAVED_A, SAVED_B };

static const cd_field fields[] = { CD_FIELD(cd_value_attributes, value, REAL), CD_FIELDS_END };

static void addcmul_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const double value = ((const cd_value_attributes *)cd_attributes_of(node))->value;
    if (cd_wanted(node, X)) dx[X] = dy[0];
    if (!cd_wanted(node, A) && !cd_wanted(node, B)) return;
    if (cd_wanted(node, A)) dx[A] = cd_mul(dy[0], cd_times(cd_saved_value(node, SAVED_B), value));
    if (cd_wanted(node, B)) dx[B] = cd_mul(dy[0], cd_times(cd_saved_value(node, SAVED_A), value));
}

static bool addcmul_infer(cd_call *call)
{
    cd_value_attributes *a = call->launch.attributes;
    const cd_dtype dtype = cd_result_type(call->in, 3);
    return cd_infer_three(call, dtype) &&
           cd_infer_factor(call, ".value", dtype, false, a->value, &a->factor);
}

cd_tensor *cd_addcmul_with(cd_value_options o)
{
    cd_value_attributes a = { .value = cd_option_or(o.value, 1) };
    return cd_op_with(&cd_op_addcmul, &a, o.x, o.a, o.b);
}

cd_tensor *cd_addcmul_with_(cd_value_options o)
{
    cd_value_attributes a = { .value = cd_option_or(o.value, 1) };
    return cd_op_in_place_with(&cd_op_addcmul, &a, o.x, o.a, o.b);
}

const cd_op cd_op_addcmul = {
    .name = "addcmul",
    .grad_fn = "AddcmulBackward0",
    .like = "torch.addcmul(x, a, b, value)",
    .formula = "y = x + value a b",
    .gradient = "dx = dy, da = dy value b, db = dy value a",
    .dtypes = "all but bool",
    .inputs = 3,
    .input = { "x", "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_addcmul,
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_value_attributes, fields),
    .infer = addcmul_infer,
    .backward = addcmul_backward,
};
