/* autograd/ops/select_backward.c
 *
 *   dx = 0, with dy at one index of dimension dim          ddy = ddx at that index
 *
 * Keeps dim and index in i[0..1], as select does. */
#include <string.h>

#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_select(dy[0], (int)node->parameters->i[0], node->parameters->i[1]);
}

cd_tensor *cd_select_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t index)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_select_backward, dy)) return NULL;
    cd_shape part = { .ndim = 0 };
    for (int i = 0; i < shape.ndim; i++) {
        if (i != dim) part.dim[part.ndim++] = shape.dim[i];
    }
    if (!cd_op_fits(&call, dy, part)) return NULL;
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (dx) {
        memset(cd_tensor_data(dx), 0, dx->storage->bytes);
        int64_t stride[CD_MAX_DIMS];
        for (int i = 0, k = 0; i < shape.ndim; i++) {
            if (i != dim) stride[k++] = dx->stride[i];
        }
        cd_copy_into(dx, stride, index * dx->stride[dim], dy);
    }
    call.parameters.i[0] = dim;
    call.parameters.i[1] = index;
    return cd_op_end(&call);
}

const cd_op cd_op_select_backward = {
    .name = "select_backward",
    .grad_fn = "SelectBackwardBackward0",
    .like = "torch.ops.aten.select_backward",
    .formula = "dx = dy at one index, 0 elsewhere",
    .gradient = "ddy = ddx at that index",
    .dtypes = "all",
    .backward = backward,
};
