/* index_put: x with values at the indices x[i, j, ...]: in the place of what was there, or, as
 * cd_index_accumulate, added to it.
 *
 * In place it is x[i, j, ...] = values. Integers and slices among the indices are views of x, whose
 * elements are changed; without a tensor among the indices this is copy_ or fill_ of the view. The
 * values, a tensor of x's dtype or a number, broadcast. Those for one element come in the order of
 * the indices, whatever the number of threads.
 *
 * Saves the index. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexed_internal.h"
#include "autograd/families/subscripts_internal.h"
#include "autograd/ops_internal.h"

static bool index_put_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT], text_values[CD_SHAPE_TEXT];
    if (!cd_infer_indexed_write(call, CD_INDEX_PLAIN)) return false;
    const cd_shape values = cd_call_shape(call, CD_VALUES);
    const cd_shape shape =
        cd_indexed_shape(call->launch.attributes, &call->in[CD_INDEXED].tensor->shape,
                         &call->in[CD_INDEX].tensor->shape);
    return cd_broadcasts_to(&values, &shape) ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "the values (%s) do not broadcast to x at the indices (%s)",
                     cd_sizes_text(&values, text_values), cd_sizes_text(&shape, text));
}

/* --- the calls -------------------------------------------------------------------------------- */

/* y = value, or y += value: what is left when no index is a tensor. */
static cd_tensor *change_view(cd_tensor *y, cd_operand value, bool accumulate)
{
    if (accumulate) return cd_add_with_(y, value);
    if (value.kind == CD_OPERAND_TENSOR) return cd_copy_(y, value.tensor);
    if (value.kind != CD_OPERAND_INTEGER || y->dtype != CD_I64) return cd_fill_(y, value.number);
    /* cd_fill_ takes a double, and not every int64 is one. An index of no dimension is for all
     * of y. */
    cd_indexed_attributes whole = { .dims = 0 };
    cd_tensor *index = cd_zeros(CD_SCALAR, .dtype = CD_I64, .device = cd_tensor_device(y));
    return cd_op_indexed(&cd_op_index_put, &whole, y, index, value, true);
}

/* Changes x in place. */
static bool change(cd_tensor *x, cd_subscripts at, cd_operand value, bool accumulate)
{
    cd_subscript_plan plan;
    cd_tensor *y = cd_subscripts_view("index_put_", x, at, &plan);
    if (!y) return false;
    if (plan.tensors == 0) return change_view(y, value, accumulate) != NULL;
    cd_indexed_attributes a = { .dims = plan.dims,
                                .placed = plan.placed,
                                .accumulate = accumulate };
    cd_tensor *index = cd_subscripts_join("index_put_", &plan);
    return index && cd_op_indexed(&cd_op_index_put, &a, y, index, value, true);
}

/* A changed copy of x, in one step if the indices make no view. */
static cd_tensor *changed(cd_tensor *x, cd_subscripts at, cd_operand value, bool accumulate)
{
    cd_subscript_plan plan;
    cd_tensor *y = cd_subscripts_view("index_put", x, at, &plan);
    if (!y) return NULL;
    if (y != x || plan.tensors == 0) {
        y = cd_clone(x);
        return y && change(y, at, value, accumulate) ? y : NULL;
    }
    cd_indexed_attributes a = { .dims = plan.dims,
                                .placed = plan.placed,
                                .accumulate = accumulate };
    cd_tensor *index = cd_subscripts_join("index_put", &plan);
    return index ? cd_op_indexed(&cd_op_index_put, &a, x, index, value, false) : NULL;
}

static cd_tensor *put(cd_tensor *x, cd_subscripts at, cd_operand value, bool accumulate)
{
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, changed(x, at, value, accumulate));
}

static cd_tensor *put_in_place(cd_tensor *x, cd_subscripts at, cd_operand value, bool accumulate)
{
    if (!cd_ok()) return NULL;
    cd_scope scope = cd_scope_begin();
    const bool done = scope.depth >= 0 && change(x, at, value, accumulate);
    if (scope.depth >= 0) (void)cd_scope_end(scope);
    return done ? x : NULL;
}

cd_tensor *cd_index_put_with(cd_tensor *x, cd_subscripts at, cd_operand value)
{
    return put(x, at, value, false);
}

cd_tensor *cd_index_put_with_(cd_tensor *x, cd_subscripts at, cd_operand value)
{
    return put_in_place(x, at, value, false);
}

cd_tensor *cd_index_accumulate_with(cd_tensor *x, cd_subscripts at, cd_operand value)
{
    return put(x, at, value, true);
}

cd_tensor *cd_index_accumulate_with_(cd_tensor *x, cd_subscripts at, cd_operand value)
{
    return put_in_place(x, at, value, true);
}

const cd_op cd_op_index_put = {
    .name = "index_put",
    .in_place_name = "index_put_",
    .grad_fn = "IndexPutBackward0",
    .like = "x.index_put((i, j), values)",
    .formula = "y = x, with the values at the indices, or added there",
    .gradient = "dx = dy, but 0 at the indices unless the values were added; dvalues = dy there",
    .dtypes = "all, the same for x and the values; the indices are int64, int32 or bool",
    .inputs = 3,
    .numbers = CD_SET(CD_VALUES),
    .input = { "x", "the index", "value" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_indexed_fields),
    .infer = index_put_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace,
             .check = cd_check_indexed,
             .run = cd_run_indexed_write },
    .backward = cd_indexed_write_backward,
};
