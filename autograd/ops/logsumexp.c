/* autograd/ops/logsumexp.c
 *
 *   y = log(sum(exp(x))) along one dimension          dx = dy exp(x - y)
 *
 * Computed as m + log(sum(exp(x - m))) with m the largest, or 0 where that is infinite, so it does
 * not overflow. Over nothing, and of -inf alone, it is -inf. Integers become float32. The dimension
 * goes, or stays with size 1 (.keepdim). Saves x and y. */
#include <string.h>

#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    int dim = (int)node->parameters->i[0];
    cd_tensor *y = cd_op_restore_dim(cd_saved_value(node, 1), shape, dim);
    cd_tensor *part = cd_exp(cd_sub(cd_saved_value(node, 0), y));
    dx[0] = cd_mul(cd_op_restore_dim(dy[0], shape, dim), part);
}

/* y's elements; on the way the dimension is kept, so that things broadcast. */
static void compute(cd_old_call *call, cd_tensor *y, const cd_tensor *x, int dim)
{
    const cd_shape kept = cd_op_reduced_shape(x->shape, 1U << dim, true);
    cd_tensor *most = cd_op_temporary(call, x->dtype, kept);
    cd_tensor *total = cd_op_temporary(call, x->dtype, kept);
    cd_tensor *parts = cd_op_temporary(call, x->dtype, x->shape);
    if (!parts) return;
    const bool none = x->shape.ndim > 0 && x->shape.dim[dim] == 0;
    const int64_t zero = 0; /* all its bits are 0: of float and double too */
    cd_reduce_shape walk = cd_op_reduction(x, 1U << dim);
    if (none) cd_map_0(CD_MAP_fill, most, &zero);
    if (!none) cd_cpu_max(x->dtype, &walk, cd_tensor_data(x), cd_tensor_data(most), NULL);
    cd_map_1(CD_MAP_zero_infinity, most, most, NULL);
    cd_map_2(CD_MAP_sub, parts, x, most, NULL);
    cd_map_1(CD_MAP_exp, parts, parts, NULL);
    walk = cd_op_reduction(parts, 1U << dim);
    cd_cpu_sum(x->dtype, &walk, cd_tensor_data(parts), cd_tensor_data(total));
    cd_map_1(CD_MAP_log, total, total, NULL);
    cd_map_2(CD_MAP_add, total, total, most, NULL);
    memcpy(cd_tensor_data(y), cd_tensor_data(total), (size_t)y->numel * cd_dtype_size(y->dtype));
}

cd_tensor *cd_logsumexp_with(cd_dim_options options)
{
    cd_old_call call;
    int dim;
    cd_tensor *x = options.x;
    if (!cd_check_dim_options("logsumexp", &options, false, &dim) ||
        !cd_op_begin(&call, &cd_op_logsumexp, x)) {
        return NULL;
    }
    const cd_dtype dtype = cd_floating_type(x->dtype);
    cd_tensor *from = cd_op_as(&call, x, dtype);
    cd_tensor *y =
        cd_op_output(&call, dtype, cd_op_reduced_shape(x->shape, 1U << dim, options.keepdim));
    if (y) compute(&call, y, from, dim);
    call.parameters.i[0] = dim;
    cd_op_save(&call, x);
    cd_op_save_output(&call, 0);
    return cd_op_end(&call);
}

const cd_op cd_op_logsumexp = {
    .name = "logsumexp",
    .grad_fn = "LogsumexpBackward0",
    .like = "torch.logsumexp(x, dim)",
    .formula = "y = log(sum(exp(x))) along one dimension",
    .gradient = "dx = dy exp(x - y)",
    .dtypes = "floating; others become float32",
    .backward = backward,
};
