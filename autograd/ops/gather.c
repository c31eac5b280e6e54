/* gather: elements of x, picked along one dimension by an index.
 *
 * The index is int64 or int32, has as many dimensions as x, and is nowhere larger than x except
 * along dim. Elements of x beyond the index along another dimension are not used. y has the shape
 * of the index.
 *
 * Saves the index. Kernel: core/cpu/gather.c. The gradient is an op itself, gather_backward. */
#include <string.h>

#include "autograd/families/indexing_internal.h"

static void gather_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    dx[0] = cd_gather_backward(dy[0], a->dim, cd_saved_value(node, 0), node->input[0].shape);
}

static bool gather_infer(cd_call *call)
{
    cd_dim_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_INDEXED].tensor;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    if (!cd_infer_index(call, a->dim)) return false;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = call->in[CD_INDEX].tensor->shape;
    return true;
}

static void gather_run(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[CD_INDEXED], *index = &launch->in[CD_INDEX];
    const cd_array *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    cd_index_walk walk = cd_index_walk_of(index->layout, a->dim, x->layout, y->layout);
    cd_cpu_gather(x->layout->dtype, &walk, index->data, x->data, y->data);
}

cd_tensor *cd_gather_for(const char *what, cd_tensor *x, int dim, cd_tensor *index)
{
    cd_call call;
    cd_dim_attributes a = { .dim = dim };
    const cd_operand in[2] = { cd_operand_tensor(x), cd_operand_tensor(index) };
    cd_call_begin(&call, &cd_op_gather, in, 2);
    call.launch.attributes = &a;
    call.name = what;
    return cd_call_run(&call);
}

cd_tensor *cd_gather(cd_tensor *x, int dim, cd_tensor *index)
{
    return cd_gather_for("gather", x, dim, index);
}

const cd_op cd_op_gather = {
    .name = "gather",
    .grad_fn = "GatherBackward0",
    .like = "torch.gather(x, dim, index)",
    .formula = "y[.., j, ..] = x[.., index[.., j, ..], ..] along one dimension",
    .gradient = "dx = 0, with dx[.., index[.., j, ..], ..] += dy[.., j, ..]",
    .dtypes = "all; the index is int64 or int32",
    .inputs = 2,
    .input = { "x", "index" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = gather_infer,
    .refuse = cd_refuse_index_range,
    .cpu = { .check = cd_check_index_range, .run = gather_run },
    .backward = gather_backward,
};

/* --- gather_backward: zeros, with dy added where its elements came from ----------------------- */

static const cd_field fields[] = { CD_FIELD(cd_gather_backward_attributes, dim, DIM),
                                   CD_FIELD(cd_gather_backward_attributes, shape, SHAPE),
                                   CD_FIELDS_END };

/* g is the gradient of dx. */
static void gather_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_gather_backward_attributes *a = cd_attributes_of(node);
    grad[0] = cd_gather(g[0], a->dim, cd_saved_value(node, 0));
}

static bool infer_backward(cd_call *call)
{
    const cd_gather_backward_attributes *a = call->launch.attributes;
    call->need[CD_INDEX] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR };
    call->out[0].dtype = call->in[CD_INDEXED].tensor->dtype;
    call->out[0].shape = a->shape;
    return true;
}

static void run_backward(const cd_launch *launch)
{
    const cd_gather_backward_attributes *a = launch->attributes;
    const cd_array *dy = &launch->in[CD_INDEXED], *index = &launch->in[CD_INDEX];
    const cd_array *dx = &launch->out[0];
    memset(dx->data, 0, (size_t)dx->layout->numel * cd_dtype_size(dx->layout->dtype));
    if (index->layout->numel == 0) return;
    cd_index_walk walk = cd_index_walk_of(index->layout, a->dim, dx->layout, dy->layout);
    cd_cpu_scatter(CD_SCATTER_ADD, dx->layout->dtype, &walk, index->data, dy->data, dx->data);
}

cd_tensor *cd_gather_backward(cd_tensor *dy, int dim, cd_tensor *index, cd_shape shape)
{
    cd_gather_backward_attributes a = { .dim = dim, .shape = shape };
    return cd_op_with(&cd_op_gather_backward, &a, dy, index);
}

const cd_op cd_op_gather_backward = {
    .name = "gather_backward",
    .grad_fn = "ScatterAddBackward0",
    .like = "torch.zeros(shape).scatter_add(dim, index, dy)",
    .formula = "dx = 0, with dx[.., index[.., j, ..], ..] += dy[.., j, ..]",
    .gradient = "for dy: g gathered by the index",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "index" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_gather_backward_attributes, fields),
    .infer = infer_backward,
    .cpu = { .run = run_backward },
    .backward = gather_backward_backward,
};
