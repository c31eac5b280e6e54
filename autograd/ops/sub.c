/* sub: the difference of two operands, tensors or numbers, which broadcast.
 *
 * Saves nothing. Kernel: core/cpu/binary.c. */
#include "autograd/dispatch/call_internal.h"

enum { A, B };

static void sub_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) dx[A] = dy[0];
    if (cd_wanted(node, B)) dx[B] = cd_neg(dy[0]);
}

/* Refuses bool operands, as PyTorch does. */
static bool sub_infer(cd_call *call)
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
    return cd_infer_elementwise(call);
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
