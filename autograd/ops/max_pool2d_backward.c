/* max_pool2d_backward: the gradient of max_pool2d, an op so that it can be differentiated again.
 *
 * The indices are int64 and have the shape of dy: to which pixel of its plane each element of dy is
 * added. Saves the indices. Kernel: core/cpu/pool.c. */
#include "autograd/families/indexing_internal.h"
#include "autograd/families/pool_internal.h"
#include "core/cpu/pool_internal.h"

enum { DY, INDICES };

/* g is the gradient of dx. */
static void max_pool2d_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    grad[DY] = cd_pool_pick(g[0], cd_saved_value(node, 0));
}

static bool max_pool2d_backward_infer(cd_call *call)
{
    const cd_tensor *dy = call->in[DY].tensor, *indices = call->in[INDICES].tensor;
    if (!cd_infer_pool_backward(call)) return false;
    if (indices->dtype != CD_I64) {
        return cd_refuse(call, CD_ERR_DTYPE, "the indices are %s, and must be int64",
                         cd_dtype_name(indices->dtype));
    }
    call->need[INDICES].order = CD_ROW_MAJOR;
    return cd_check_gradient_shape(call, dy, indices->shape);
}

/* How many pixels a plane of x has. */
static int64_t plane_size(const cd_launch *launch)
{
    const cd_shape_attributes *a = launch->attributes;
    return a->shape.dim[a->shape.ndim - 2] * a->shape.dim[a->shape.ndim - 1];
}

static bool max_pool2d_backward_check(const cd_launch *launch, cd_fault *fault)
{
    return cd_check_indices(&launch->in[INDICES], plane_size(launch), fault);
}

static bool max_pool2d_backward_refuse(cd_call *call, const cd_fault *fault)
{
    return cd_refuse(call, CD_ERR_ARGUMENT, "index %lld is outside a plane of %lld elements",
                     (long long)fault->integer, (long long)plane_size(&call->launch));
}

static void max_pool2d_backward_run(const cd_launch *launch)
{
    const cd_array *dy = &launch->in[DY], *dx = &launch->out[0];
    const cd_pool2d_sizes pool = cd_pool_between(&dx->layout->shape, &dy->layout->shape);
    cd_cpu_max_pool2d_backward(&pool, dy->layout->dtype, dy->data, launch->in[INDICES].data,
                               dx->data);
}

cd_tensor *cd_max_pool2d_backward(cd_tensor *dy, cd_tensor *indices, cd_shape shape)
{
    cd_shape_attributes a = { shape };
    return cd_op_with(&cd_op_max_pool2d_backward, &a, dy, indices);
}

const cd_op cd_op_max_pool2d_backward = {
    .name = "max_pool2d_backward",
    .grad_fn = "MaxPool2DWithIndicesBackwardBackward0",
    .like = "torch.ops.aten.max_pool2d_with_indices_backward",
    .formula = "dx = 0, with dy added at the indices",
    .gradient = "for dy: g at the indices",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "indices" },
    .computes_in = CD_FLOATS,
    .save = { { CD_INPUT, INDICES } },
    CD_OP_ATTRIBUTES(cd_shape_attributes, cd_shape_fields),
    .infer = max_pool2d_backward_infer,
    .refuse = max_pool2d_backward_refuse,
    .cpu = { .check = max_pool2d_backward_check, .run = max_pool2d_backward_run },
    .backward = max_pool2d_backward_backward,
};
