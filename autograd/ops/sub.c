/* sub: the difference of two operands, tensors or numbers, which broadcast. With .alpha b is
 * multiplied by a factor: the op sub_scaled, a sum with the factor -alpha. cd_rsub, b - alpha a,
 * has ops that take b first.
 *
 * Saves nothing. Kernels: core/cpu/binary.c, core/cpu/arithmetic.c. */
#include "autograd/families/arithmetic_internal.h"

enum { A, B };

static void sub_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) dx[A] = dy[0];
    if (cd_wanted(node, B)) dx[B] = cd_neg(dy[0]);
}

/* Refuses bool operands, as PyTorch does. */
static bool check_operands(const cd_call *call)
{
    for (int k = 0; k < 2; k++) {
        const cd_operand o = call->in[k];
        bool is_bool =
            o.kind == CD_OPERAND_TENSOR ? o.tensor->dtype == CD_BOOL : o.kind == CD_OPERAND_BOOL;
        if (!is_bool) continue;
        return cd_refuse(call, CD_ERR_DTYPE,
                         "%s is bool, which cannot be subtracted or subtracted from: cd_ne gives "
                         "where two differ, cd_to makes numbers",
                         call->in_place && k == A ? "x" : call->op->input[k]);
    }
    return true;
}

static bool sub_infer(cd_call *call)
{
    return check_operands(call) && cd_infer_elementwise(call);
}

cd_tensor *cd_sub_with(cd_operand a, cd_operand b)
{
    return cd_op_binary(a.kind == CD_OPERAND_TENSOR ? &cd_op_sub : &cd_op_rsub, a, b);
}

cd_tensor *cd_sub_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_sub, x, b);
}

const cd_op cd_op_sub = {
    .name = "sub",
    .grad_fn = "SubBackward0",
    .like = "torch.sub(a, b)",
    .formula = "y = a - b",
    .gradient = "da = dy, db = -dy",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_sub,
    .infer = sub_infer,
    .backward = sub_backward,
};

/* The same op, called as PyTorch's graph calls it when a is a number. */
const cd_op cd_op_rsub = {
    .name = "sub",
    .grad_fn = "RsubBackward1",
    .like = "torch.rsub(b, a)",
    .formula = "y = a - b, with a number for a",
    .gradient = "db = -dy",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_sub,
    .infer = sub_infer,
    .backward = sub_backward,
};

/* --- with a factor ---------------------------------------------------------------------------- */

static bool scaled_infer(cd_call *call)
{
    return check_operands(call) && cd_infer_scaled(call, -1);
}

static void sub_scaled_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_scaled_gradients(node, dy[0], dx, -1);
}

cd_tensor *cd_sub_alpha_with(cd_alpha_options o)
{
    const double alpha = cd_option_or(o.alpha, 1);
    if (alpha == 1) return cd_sub_with(o.a, o.b);
    return cd_scaled(&cd_op_sub_scaled, o.a, o.b, alpha, false);
}

cd_tensor *cd_sub_alpha_with_(cd_alpha_in_place_options o)
{
    const double alpha = cd_option_or(o.alpha, 1);
    if (alpha == 1) return cd_sub_with_(o.x, o.b);
    return cd_scaled(&cd_op_sub_scaled, cd_operand_tensor(o.x), o.b, alpha, true);
}

/* b - alpha a */
cd_tensor *cd_rsub_with(cd_alpha_options o)
{
    const bool number = o.b.kind != CD_OPERAND_TENSOR;
    return cd_scaled(number ? &cd_op_rsub_number : &cd_op_rsub_scaled, o.b, o.a,
                     cd_option_or(o.alpha, 1), false);
}

const cd_op cd_op_sub_scaled = {
    .name = "sub",
    .grad_fn = "SubBackward0",
    .like = "torch.sub(a, b, alpha=alpha)",
    .formula = "y = a - alpha b",
    .gradient = "da = dy, db = -alpha dy",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_add_scaled,
    CD_OP_ATTRIBUTES(cd_scaled_attributes, cd_scaled_fields),
    .infer = scaled_infer,
    .backward = sub_scaled_backward,
};

const cd_op cd_op_rsub_scaled = {
    .name = "rsub",
    .grad_fn = "RsubBackward0",
    .like = "torch.rsub(a, b, alpha=alpha)",
    .formula = "y = b - alpha a",
    .gradient = "da = -alpha dy, db = dy",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "b", "a" },
    .elementwise = CD_SAME,
    .map = CD_MAP_add_scaled,
    CD_OP_ATTRIBUTES(cd_scaled_attributes, cd_scaled_fields),
    .infer = scaled_infer,
    .backward = sub_scaled_backward,
};

const cd_op cd_op_rsub_number = {
    .name = "rsub",
    .grad_fn = "RsubBackward1",
    .like = "torch.rsub(a, b, alpha=alpha) with a number b",
    .formula = "y = b - alpha a",
    .gradient = "da = -alpha dy",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "b", "a" },
    .elementwise = CD_SAME,
    .map = CD_MAP_add_scaled,
    CD_OP_ATTRIBUTES(cd_scaled_attributes, cd_scaled_fields),
    .infer = scaled_infer,
    .backward = sub_scaled_backward,
};
