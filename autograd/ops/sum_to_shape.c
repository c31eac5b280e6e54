/* autograd/ops/sum_to_shape.c
 *
 *   y = x summed over the dimensions that broadcasting would stretch          dx = dy, in x's shape
 *
 * `shape` must broadcast to x's. All dimensions are reduced in one pass over x. x itself when it
 * has the shape already. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_expand(dy[0], cd_edge_info(node->edge[0]).shape);
}

/* The bits of the dimensions of `from` that are missing in `to`, or 1 there and not in `from`. */
static bool find_reduced(cd_shape from, cd_shape to, unsigned *reduced)
{
    int ahead = from.ndim - to.ndim;
    if (ahead < 0) return false;
    *reduced = 0;
    for (int i = 0; i < from.ndim; i++) {
        int64_t size = i < ahead ? 1 : to.dim[i - ahead];
        if (size != from.dim[i] && size != 1) return false;
        if (i < ahead || size != from.dim[i]) *reduced |= 1U << i;
    }
    return true;
}

cd_tensor *cd_sum_to_shape(cd_tensor *x, cd_shape shape)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_sum_to_shape, x)) return NULL;
    if (cd_shape_equal(x->shape, shape)) return cd_hand_shared(x);
    unsigned reduced;
    if (!find_reduced(x->shape, shape, &reduced)) {
        char from[CD_SHAPE_TEXT], to[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE,
                         "x (%s) cannot be summed to shape %s, which does not broadcast to it",
                         cd_shape_text(x->shape, from), cd_shape_text(shape, to));
        return cd_op_end(&call);
    }
    cd_tensor *y = cd_op_output(&call, cd_op_sum_type(x->dtype), shape);
    if (y) {
        cd_reduce_shape walk = cd_op_reduction(x, reduced);
        cd_cpu_sum(x->dtype, &walk, cd_tensor_data(x), cd_tensor_data(y));
    }
    return cd_op_end(&call);
}

const cd_op cd_op_sum_to_shape = {
    .name = "sum_to_shape",
    .grad_fn = "SumBackward1",
    .like = "x.sum_to_size(shape)",
    .formula = "y = x summed over the dimensions that broadcasting would stretch",
    .gradient = "dx = dy, in x's shape",
    .dtypes = "all; integers and bool become int64",
    .backward = backward,
};
