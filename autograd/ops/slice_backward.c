/* autograd/ops/slice_backward.c
 *
 *   dx = 0, with dy in the places that a slice looked at          ddy = slice of ddx
 *
 * Keeps dim, from, to, step in i[0..3], as slice does. */
#include <string.h>

#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int64_t *i = node->parameters->i;
    dx[0] = cd_slice(dy[0], (int)i[0], i[1], i[2], i[3]);
}

cd_tensor *cd_slice_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t from, int64_t to,
                             int64_t step)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_slice_backward, dy)) return NULL;
    cd_shape part = shape;
    part.dim[dim] = (to - from) / step + ((to - from) % step > 0);
    if (!cd_op_fits(&call, dy, part)) return NULL;
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (dx) {
        memset(cd_tensor_data(dx), 0, dx->storage->bytes);
        int64_t stride[CD_MAX_DIMS];
        memcpy(stride, dx->stride, sizeof stride);
        if (dy->shape.dim[dim] > 1) stride[dim] *= step;
        if (dy->numel > 0) cd_copy_into(dx, stride, from * dx->stride[dim], dy);
    }
    const int64_t parameters[4] = { dim, from, to, step };
    for (int i = 0; i < 4; i++) call.parameters.i[i] = parameters[i];
    return cd_op_end(&call);
}

const cd_op cd_op_slice_backward = {
    .name = "slice_backward",
    .grad_fn = "SliceBackwardBackward0",
    .like = "torch.ops.aten.slice_backward",
    .formula = "dx = dy in its places, 0 elsewhere",
    .gradient = "ddy = slice of ddx",
    .dtypes = "all",
    .backward = backward,
};
