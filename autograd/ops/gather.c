/* autograd/ops/gather.c
 *
 *   y[.., j, ..] = x[.., index[.., j, ..], ..] along one dimension
 *   dx = zeros, with dy added where its elements came from
 *
 * index is int64 or int32, with x's dimensions, and nowhere larger but along that one: what of x is
 * beyond it is not looked at. Saves index. */
#include <string.h>

#include "autograd/indexing_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *index = cd_saved_value(node, 0);
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    dx[0] = cd_gather_backward(dy[0], (int)node->parameters->i[0], index, shape);
}

/* --- the gradient, an op itself: its own gradient is to gather -------------------------------- */

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_gather(dy[0], (int)node->parameters->i[0], cd_saved_value(node, 0));
}

static const cd_op gather_backward_op = {
    .name = "gather_backward",
    .grad_fn = "ScatterAddBackward0",
    .like = "torch.zeros(shape).scatter_add(dim, index, dy)",
    .formula = "dx = zeros, with dy added where its elements came from",
    .gradient = "ddy = ddx gathered",
    .dtypes = "floating",
    .backward = backward_backward,
};

cd_tensor *cd_gather_backward(cd_tensor *dy, int dim, cd_tensor *index, cd_shape shape)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &gather_backward_op, dy, index)) return NULL;
    cd_tensor *at = cd_op_contiguous(&call, cd_op_as(&call, index, CD_I64));
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (at && dx) {
        memset(cd_tensor_data(dx), 0, dx->storage->bytes);
        if (at->numel > 0) {
            cd_index_walk walk = cd_index_walk_of(at->shape, dim, dx, dy);
            cd_cpu_scatter_add(dx->dtype, &walk, cd_indices(at), cd_tensor_data(dy),
                               cd_tensor_data(dx));
        }
    }
    call.parameters.i[0] = dim;
    cd_op_save(&call, index);
    return cd_op_end(&call);
}

/* --- the op ----------------------------------------------------------------------------------- */

cd_tensor *cd_gather(cd_tensor *x, int dim, cd_tensor *index)
{
    cd_old_call call;
    int along;
    if (!cd_op_begin(&call, &cd_op_gather, x, index) ||
        !cd_plain_dim("gather", x->shape.ndim, dim, &along)) {
        return NULL;
    }
    cd_tensor *at = cd_op_checked_index(&call, x, along, index);
    cd_tensor *y = at ? cd_op_output(&call, x->dtype, index->shape) : NULL;
    if (y && y->numel > 0) {
        cd_index_walk walk = cd_index_walk_of(at->shape, along, x, y);
        cd_cpu_gather(x->dtype, &walk, cd_indices(at), cd_tensor_data(x), cd_tensor_data(y));
    }
    call.parameters.i[0] = along;
    cd_op_save(&call, index);
    return cd_op_end(&call);
}

const cd_op cd_op_gather = {
    .name = "gather",
    .grad_fn = "GatherBackward0",
    .like = "torch.gather(x, dim, index)",
    .formula = "y = the elements of x that the index names, along one dimension",
    .gradient = "dx = zeros, with dy added where its elements came from",
    .dtypes = "all; the index is int64 or int32",
    .backward = backward,
};
