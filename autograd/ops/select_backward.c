/* select_backward: the gradient of select, an op so that it can be differentiated again.
 *
 * Saves nothing. Kernel: zeros, and a copy of core/cpu/copy.c. */
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

typedef cd_select_backward_attributes attributes;

static const cd_field fields[] = { { "dim", CD_FIELD_DIM, offsetof(attributes, select.dim) },
                                   { "index", CD_FIELD_INTEGER,
                                     offsetof(attributes, select.index) },
                                   CD_FIELD(attributes, shape, SHAPE),
                                   CD_FIELDS_END };

static void select_backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const attributes *a = cd_attributes_of(node);
    dx[0] = cd_select(dy[0], a->select.dim, a->select.index);
}

static bool select_backward_infer(cd_call *call)
{
    const attributes *a = call->launch.attributes;
    cd_shape view = { .ndim = 0 };
    for (int i = 0; i < a->shape.ndim; i++) {
        if (i != a->select.dim) view.dim[view.ndim++] = a->shape.dim[i];
    }
    return cd_infer_view_backward(call, &view, &a->shape);
}

static void select_backward_run(const cd_launch *launch)
{
    const attributes *a = launch->attributes;
    const cd_array *dx = &launch->out[0];
    int64_t stride[CD_MAX_DIMS];
    cd_cpu_zero(dx);
    for (int i = 0, k = 0; i < a->shape.ndim; i++) {
        if (i != a->select.dim) stride[k++] = dx->layout->stride[i];
    }
    cd_cpu_copy_into(dx, stride, a->select.index * dx->layout->stride[a->select.dim],
                     &launch->in[0]);
}

cd_tensor *cd_select_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t index)
{
    attributes a = { .select = { .dim = dim, .index = index }, .shape = shape };
    return cd_op_with(&cd_op_select_backward, &a, dy);
}

const cd_op cd_op_select_backward = {
    .name = "select_backward",
    .grad_fn = "SelectBackwardBackward0",
    .like = "torch.ops.aten.select_backward",
    .formula = "dx = dy at one index of a dimension, 0 elsewhere",
    .gradient = "for dy: g at that index",
    .dtypes = "all",
    .inputs = 1,
    .input = { "dy" },
    CD_OP_ATTRIBUTES(attributes, fields),
    .infer = select_backward_infer,
    .cpu = { .run = select_backward_run },
    .backward = select_backward_backward,
};
