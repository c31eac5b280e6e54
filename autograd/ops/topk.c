/* autograd/ops/topk.c
 *
 *   y = the k largest of x along one dimension, in falling order
 *   dx = zeros, with dy where its elements came from
 *
 * Along the last dimension, or .dim with .by_dim. NaN is larger than all numbers; of equal ones the
 * first comes first. Of a scalar it is the scalar, whether k is 1 or 0, as in PyTorch. Not bool.
 * Saves the indices. */
#include "core/cpu/topk_internal.h"

#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *index = cd_saved_value(node, 0);
    dx[0] = cd_gather_backward(dy[0], (int)node->parameters->i[0], index,
                               cd_edge_info(node->edge[0]).shape);
}

static bool check(cd_old_call *call, const cd_tensor *x, int dim, int64_t k)
{
    int64_t n = x->shape.ndim > 0 ? x->shape.dim[dim] : 1;
    if (x->dtype == CD_BOOL) return cd_op_fail(call, CD_ERR_DTYPE, "is not defined for bool");
    return (k >= 0 && k <= n) ||
           cd_op_fail(call, CD_ERR_ARGUMENT,
                      "k is %lld, and must be from 0 to %lld, the size of dimension %d",
                      (long long)k, (long long)n, dim);
}

cd_tensor *cd_topk_with(cd_topk_options options)
{
    cd_old_call call;
    int dim;
    cd_tensor *x = options.x;
    if (!cd_op_begin(&call, &cd_op_topk, x) ||
        !cd_check_by_dim("topk", options.by_dim, options.dim) ||
        !cd_plain_dim("topk", x->shape.ndim, options.by_dim ? options.dim : -1, &dim)) {
        return NULL;
    }
    if (!check(&call, x, dim, options.k)) return cd_op_end(&call);
    cd_shape shape = x->shape;
    if (shape.ndim > 0) shape.dim[dim] = options.k;
    cd_tensor *from = cd_op_contiguous(&call, x);
    cd_tensor *y = cd_op_output(&call, x->dtype, shape);
    cd_tensor *index = cd_op_output(&call, CD_I64, shape);
    if (index) {
        cd_lanes lanes = cd_lanes_of(x->shape, dim);
        int64_t k = shape.ndim > 0 ? options.k : 1;
        cd_cpu_topk(x->dtype, lanes.outer, lanes.n, lanes.inner, k, cd_tensor_data(from),
                    cd_tensor_data(y), (int64_t *)(void *)cd_tensor_data(index));
    }
    call.parameters.i[0] = dim;
    cd_op_save_output(&call, 1);
    return cd_op_end_both(&call, options.indices);
}

const cd_op cd_op_topk = {
    .name = "topk",
    .grad_fn = "TopkBackward0",
    .like = "torch.topk(x, k, dim)",
    .formula = "y = the k largest of x along one dimension, in falling order",
    .gradient = "dx = zeros, with dy where its elements came from",
    .dtypes = "all but bool",
    .backward = backward,
};
