/* select: x at one index of a dimension, which is dropped, as a view. A negative index counts from
 * the end. Saves nothing. */
#include "autograd/ops_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_select_attributes, dim, DIM),
                                   CD_FIELD(cd_select_attributes, index, INTEGER), CD_FIELDS_END };

static void select_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_select_attributes *a = cd_attributes_of(node);
    dx[0] = cd_select_backward(dy[0], node->input[0].shape, a->dim, a->index);
}

static bool select_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    cd_select_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (x->shape.ndim == 0) {
        return cd_refuse(call, CD_ERR_SHAPE, "a scalar has no dimension to select from");
    }
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    const int64_t size = x->shape.dim[a->dim];
    if (a->index < -size || a->index >= size) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "index %lld is out of range for dimension %d of a tensor of shape %s "
                         "(size %lld)",
                         (long long)a->index, a->dim, cd_sizes_text(&x->shape, text),
                         (long long)size);
    }
    if (a->index < 0) a->index += size;
    cd_infer_without(call, a->dim);
    call->out[0].offset += a->index * x->stride[a->dim];
    return true;
}

cd_tensor *cd_select_for(const char *what, cd_tensor *x, int dim, int64_t index)
{
    cd_call call;
    cd_select_attributes a = { .dim = dim, .index = index };
    const cd_operand in = cd_operand_tensor(x);
    cd_call_begin(&call, &cd_op_select, &in, 1);
    call.launch.attributes = &a;
    call.name = what;
    return cd_call_run(&call);
}

cd_tensor *cd_select(cd_tensor *x, int dim, int64_t index)
{
    return cd_select_for("select", x, dim, index);
}

const cd_op cd_op_select = {
    .name = "select",
    .grad_fn = "SelectBackward0",
    .like = "torch.select(x, dim, index)",
    .formula = "y = x at one index of a dimension; a view",
    .gradient = "dx = dy at that index, 0 elsewhere",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_select_attributes, fields),
    .infer = select_infer,
    .backward = select_backward,
};
