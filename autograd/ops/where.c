/* autograd/ops/where.c
 *
 *   y = a where the condition is true, b elsewhere
 *   da = dy where it is true, 0 elsewhere, db the other way round
 *
 * All three broadcast; a and b are tensors or numbers, also both numbers. Saves the condition. */
#include "autograd/op_internal.h"
#include "core/dtype_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *condition = cd_saved_value(node, 0);
    if (cd_wanted(node, 1)) dx[1] = cd_where(condition, dy[0], 0);
    if (cd_wanted(node, 2)) dx[2] = cd_where(condition, 0, dy[0]);
}

static cd_shape shape_of(cd_operand o)
{
    const cd_tensor *t = cd_operand_input(o);
    return t ? t->shape : (cd_shape){ .ndim = 0 };
}

static bool check(cd_old_call *call, const cd_tensor *condition, cd_operand a, cd_operand b,
                  cd_shape *shape)
{
    if (condition->dtype != CD_BOOL) {
        return cd_op_fail(call, CD_ERR_DTYPE,
                          "the condition is %s, and must be bool, as comparisons give it",
                          cd_dtype_name(condition->dtype));
    }
    if (cd_shape_broadcast(shape_of(a), shape_of(b), shape) &&
        cd_shape_broadcast(*shape, condition->shape, shape)) {
        return true;
    }
    char text[3][CD_SHAPE_TEXT];
    return cd_op_fail(call, CD_ERR_SHAPE,
                      "the condition (%s), a (%s) and b (%s) do not broadcast: aligned at the last "
                      "dimension, sizes must be equal or 1",
                      cd_shape_text(condition->shape, text[0]), cd_shape_text(shape_of(a), text[1]),
                      cd_shape_text(shape_of(b), text[2]));
}

/* PyTorch refuses a number that would be another one in the result's dtype. */
static bool takes(cd_old_call *call, cd_operand o, cd_dtype dtype)
{
    bool whole = o.kind != CD_OPERAND_DOUBLE;
    return o.kind == CD_OPERAND_TENSOR || (whole && dtype == CD_I64) ||
           cd_dtype_takes(dtype, o.number) ||
           cd_op_fail(call, CD_ERR_ARGUMENT, "%g is not among the numbers of %s", o.number,
                      cd_dtype_name(dtype));
}

cd_tensor *cd_where_with(cd_tensor *condition, cd_operand a, cd_operand b)
{
    cd_old_call call;
    cd_shape shape;
    cd_tensor *const inputs[3] = { condition, cd_operand_input(a), cd_operand_input(b) };
    if (!cd_check_tensor(condition, "where", "the condition") ||
        !cd_check_operand(a, "where", "a") || !cd_check_operand(b, "where", "b") ||
        !cd_op_begin_optional(&call, &cd_op_where, 1, 3, inputs)) {
        return NULL;
    }
    if (!check(&call, condition, a, b, &shape)) return cd_op_end(&call);
    cd_dtype dtype = cd_result_type((const cd_operand[]){ a, b }, 2);
    if (!takes(&call, a, dtype) || !takes(&call, b, dtype)) return cd_op_end(&call);
    cd_tensor *yes = cd_op_operand(&call, a, dtype), *no = cd_op_operand(&call, b, dtype);
    cd_tensor *y = cd_op_output(&call, dtype, shape);
    if (y) cd_map_3(CD_MAP_where, y, condition, yes, no, NULL);
    cd_op_save(&call, condition);
    return cd_op_end(&call);
}

const cd_op cd_op_where = {
    .name = "where",
    .grad_fn = "WhereBackward0",
    .like = "torch.where(condition, a, b)",
    .formula = "y = a where the condition is true, b elsewhere",
    .gradient = "da = dy where the condition is true, db = dy elsewhere",
    .dtypes = "all; the condition is bool",
    .backward = backward,
};
