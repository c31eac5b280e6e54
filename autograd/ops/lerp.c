/* lerp: a + w (b - a), for a weight w that is a number or a tensor. All are of one floating dtype
 * and broadcast; a weight of 0 dimensions is converted.
 *
 * A number: the op lerp, which saves nothing. A tensor: the op lerp_tensor, which saves w for the
 * gradients of a and b, and these for that of w. Kernels: core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

enum { A, B, W };

static const cd_field fields[] = { CD_FIELD(cd_lerp_attributes, weight, REAL), CD_FIELDS_END };

static void lerp_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_lerp_attributes *a = cd_attributes_of(node);
    if (cd_wanted(node, A)) dx[A] = cd_mul(dy[0], 1 - a->weight);
    if (cd_wanted(node, B)) dx[B] = cd_mul(dy[0], a->weight);
}

/* Whether input k has a's dtype; false with an error. */
static bool check_dtype(const cd_call *call, int k)
{
    const cd_dtype own = call->in[k].tensor->dtype, right = call->in[A].tensor->dtype;
    return own == right || cd_refuse(call, CD_ERR_DTYPE,
                                     "%s is %s, and must be %s like a (cd_to "
                                     "converts)",
                                     call->op->input[k], cd_dtype_name(own), cd_dtype_name(right));
}

static bool lerp_infer(cd_call *call)
{
    cd_lerp_attributes *a = call->launch.attributes;
    if (!check_dtype(call, B) || !cd_infer_elementwise(call)) return false;
    a->factor = (cd_scalar){ .real = a->weight };
    return true;
}

static cd_tensor *lerp(cd_tensor *a, cd_tensor *b, cd_operand weight, bool in_place)
{
    cd_lerp_attributes attributes = { .weight = weight.number };
    cd_tensor *const in[3] = { a, b, weight.tensor };
    if (weight.kind != CD_OPERAND_TENSOR) {
        return cd_op_tensors(&cd_op_lerp, in_place, &attributes, 2, in);
    }
    return cd_op_tensors(&cd_op_lerp_tensor, in_place, NULL, 3, in);
}

cd_tensor *cd_lerp_with(cd_tensor *a, cd_tensor *b, cd_operand weight)
{
    return lerp(a, b, weight, false);
}

cd_tensor *cd_lerp_with_(cd_tensor *x, cd_tensor *b, cd_operand weight)
{
    return lerp(x, b, weight, true);
}

const cd_op cd_op_lerp = {
    .name = "lerp",
    .grad_fn = "LerpBackward0",
    .like = "torch.lerp(a, b, weight)",
    .formula = "y = a + weight (b - a)",
    .gradient = "da = dy (1 - weight), db = dy weight",
    .dtypes = "floating, the same for both",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_lerp_by,
    CD_OP_ATTRIBUTES(cd_lerp_attributes, fields),
    .infer = lerp_infer,
    .backward = lerp_backward,
};

/* --- lerp_tensor: the weight is a tensor ------------------------------------------------------ */

static void lerp_tensor_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) dx[A] = cd_mul(dy[0], cd_sub(1, cd_saved_value(node, W)));
    if (cd_wanted(node, B)) dx[B] = cd_mul(dy[0], cd_saved_value(node, W));
    if (cd_wanted(node, W)) {
        dx[W] = cd_mul(dy[0], cd_sub(cd_saved_value(node, B), cd_saved_value(node, A)));
    }
}

static bool lerp_tensor_infer(cd_call *call)
{
    return check_dtype(call, B) && (call->in[W].tensor->shape.ndim == 0 || check_dtype(call, W)) &&
           cd_infer_three(call, call->in[A].tensor->dtype);
}

const cd_op cd_op_lerp_tensor = {
    .name = "lerp",
    .grad_fn = "LerpBackward1",
    .like = "torch.lerp(a, b, weight) with a tensor",
    .formula = "y = a + weight (b - a)",
    .gradient = "da = dy (1 - weight), db = dy weight, dweight = dy (b - a)",
    .dtypes = "floating, the same for all",
    .inputs = 3,
    .input = { "a", "b", "the weight" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_lerp,
    .save = { [A] = { CD_INPUT, A, CD_SET(W) },
              [B] = { CD_INPUT, B, CD_SET(W) },
              [W] = { CD_INPUT, W, CD_SET(A) | CD_SET(B) } },
    .infer = lerp_tensor_infer,
    .backward = lerp_tensor_backward,
};
