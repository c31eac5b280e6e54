/* where: elements of a or of b, as a bool condition says. All three broadcast; a and b are tensors
 * or numbers, also both numbers.
 *
 * Saves the condition. Kernel: core/cpu/select.c. */
#include "autograd/dispatch/call_internal.h"

enum { CONDITION, A, B };

static void where_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *condition = cd_saved_value(node, 0);
    if (cd_wanted(node, A)) dx[A] = cd_where(condition, dy[0], 0);
    if (cd_wanted(node, B)) dx[B] = cd_where(condition, 0, dy[0]);
}

static bool check_shapes(cd_call *call)
{
    cd_shape *shape = &call->out[0].shape;
    const cd_shape condition = call->in[CONDITION].tensor->shape;
    const cd_shape a = cd_call_shape(call, A), b = cd_call_shape(call, B);
    if (cd_shape_broadcast(a, b, shape) && cd_shape_broadcast(*shape, condition, shape)) {
        return true;
    }
    char text[3][CD_SHAPE_TEXT];
    return cd_refuse(call, CD_ERR_SHAPE,
                     "the condition (%s), a (%s) and b (%s) do not broadcast: aligned at the last "
                     "dimension, sizes must be equal or 1",
                     cd_sizes_text(&condition, text[0]), cd_sizes_text(&a, text[1]),
                     cd_sizes_text(&b, text[2]));
}

/* Refuses a number that the result's dtype does not have, as PyTorch does. */
static bool check_number(const cd_call *call, int k, cd_dtype dtype)
{
    const cd_operand o = call->in[k];
    return o.kind == CD_OPERAND_TENSOR ||
           cd_number_fits(dtype, o.kind != CD_OPERAND_DOUBLE, o.number) ||
           cd_refuse_number(call, dtype, o.number);
}

static bool where_infer(cd_call *call)
{
    const cd_tensor *condition = call->in[CONDITION].tensor;
    if (condition->dtype != CD_BOOL) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "the condition is %s, and must be bool, as comparisons give it",
                         cd_dtype_name(condition->dtype));
    }
    if (!check_shapes(call)) return false;
    const cd_dtype dtype = cd_result_type(&call->in[A], 2);
    if (!check_number(call, A, dtype) || !check_number(call, B, dtype)) return false;
    call->out[0].dtype = call->need[A].dtype = call->need[B].dtype = dtype;
    return true;
}

cd_tensor *cd_where_with(cd_tensor *condition, cd_operand a, cd_operand b)
{
    cd_call call;
    const cd_operand in[3] = { cd_operand_tensor(condition), a, b };
    cd_call_begin(&call, &cd_op_where, in, 3);
    return cd_call_run(&call);
}

const cd_op cd_op_where = {
    .name = "where",
    .grad_fn = "WhereBackward0",
    .like = "torch.where(condition, a, b)",
    .formula = "y = a where the condition is true, b elsewhere",
    .gradient = "da = dy where the condition is true, db = dy elsewhere",
    .dtypes = "all; the condition is bool",
    .inputs = 3,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "the condition", "a", "b" },
    .elementwise = CD_SAME,
    .map = CD_MAP_where,
    .save = { { CD_INPUT, CONDITION } },
    .infer = where_infer,
    .backward = where_backward,
};
