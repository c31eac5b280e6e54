/* slice_backward: the gradient of slice, an op so that it can be differentiated again.
 *
 * Saves nothing. Kernel: zeros, and a copy of core/cpu/copy.c. */
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

typedef cd_slice_backward_attributes attributes;

static const cd_field fields[] = { { "dim", CD_FIELD_DIM, offsetof(attributes, slice.dim) },
                                   { "from", CD_FIELD_INTEGER, offsetof(attributes, slice.from) },
                                   { "to", CD_FIELD_INTEGER, offsetof(attributes, slice.to) },
                                   { "step", CD_FIELD_INTEGER, offsetof(attributes, slice.step) },
                                   CD_FIELD(attributes, shape, SHAPE),
                                   CD_FIELDS_END };

static void slice_backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const attributes *a = cd_attributes_of(node);
    dx[0] = cd_slice(dy[0], a->slice.dim, a->slice.from, a->slice.to, a->slice.step);
}

static bool slice_backward_infer(cd_call *call)
{
    const attributes *a = call->launch.attributes;
    cd_shape view = a->shape;
    view.dim[a->slice.dim] = cd_slice_length(a->slice.from, a->slice.to, a->slice.step);
    return cd_infer_view_backward(call, &view, &a->shape);
}

static void slice_backward_run(const cd_launch *launch)
{
    const attributes *a = launch->attributes;
    const cd_array *dy = &launch->in[0], *dx = &launch->out[0];
    const int dim = a->slice.dim;
    int64_t stride[CD_MAX_DIMS];
    cd_cpu_zero(dx);
    if (dy->layout->numel == 0) return;
    memcpy(stride, dx->layout->stride, sizeof stride);
    if (dy->layout->shape.dim[dim] > 1) stride[dim] *= a->slice.step;
    cd_cpu_copy_into(dx, stride, a->slice.from * dx->layout->stride[dim], dy);
}

cd_tensor *cd_slice_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t from, int64_t to,
                             int64_t step)
{
    attributes a = { .slice = { .dim = dim, .from = from, .to = to, .step = step },
                     .shape = shape };
    return cd_op_with(&cd_op_slice_backward, &a, dy);
}

const cd_op cd_op_slice_backward = {
    .name = "slice_backward",
    .grad_fn = "SliceBackwardBackward0",
    .like = "torch.ops.aten.slice_backward",
    .formula = "dx = dy at the indices of the slice, 0 elsewhere",
    .gradient = "for dy: the slice of g",
    .dtypes = "all",
    .inputs = 1,
    .input = { "dy" },
    CD_OP_ATTRIBUTES(attributes, fields),
    .infer = slice_backward_infer,
    .cpu = { .run = slice_backward_run },
    .backward = slice_backward_backward,
};
