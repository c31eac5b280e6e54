/* topk: the k largest or smallest elements along one dimension, and their indices, which are the
 * second output.
 *
 * Along the last dimension, or along .dim with .by_dim = true. NaN is larger than all numbers;
 * equal elements come in the order of x. The result for a scalar is the scalar, for a k of 1 or 0,
 * as in PyTorch. Saves the indices. Kernel: core/cpu/topk.c. */
#include "autograd/families/min_max_internal.h"
#include "autograd/families/indexing_internal.h"
#include "core/cpu/topk_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_topk_attributes, dim, DIM),
                                   CD_FIELD(cd_topk_attributes, k, INTEGER),
                                   CD_FIELD(cd_topk_attributes, smallest, BOOL), CD_FIELDS_END };

static void topk_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_topk_attributes *a = cd_attributes_of(node);
    dx[0] = cd_gather_backward(dy[0], a->dim, cd_saved_value(node, 0), node->input[0].shape);
}

static bool topk_check(const cd_call *call, const cd_tensor *x, const cd_topk_attributes *a)
{
    const int64_t n = x->shape.ndim > 0 ? x->shape.dim[a->dim] : 1;
    if (x->dtype == CD_BOOL) return cd_refuse(call, CD_ERR_DTYPE, "is not defined for bool");
    return (a->k >= 0 && a->k <= n) ||
           cd_refuse(call, CD_ERR_ARGUMENT,
                     "k is %lld, and must be from 0 to %lld, the size of dimension %d",
                     (long long)a->k, (long long)n, a->dim);
}

static bool topk_infer(cd_call *call)
{
    cd_topk_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim) || !topk_check(call, x, a)) {
        return false;
    }
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    if (x->shape.ndim > 0) call->out[0].shape.dim[a->dim] = a->k;
    call->out[1].dtype = CD_I64;
    call->out[1].shape = call->out[0].shape;
    return true;
}

static void topk_run(const cd_launch *launch)
{
    const cd_topk_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    const cd_outer_size_inner at = cd_outer_size_inner_of(&x->layout->shape, a->dim);
    const int64_t k = x->layout->shape.ndim > 0 ? a->k : 1;
    cd_cpu_topk(x->layout->dtype, at.outer, at.size, at.inner, k, a->smallest, x->data,
                launch->out[0].data, cd_indices_of(launch));
}

cd_tensor *cd_topk_with(cd_topk_options options)
{
    if (!cd_check_by_dim("topk", options.by_dim, options.dim)) return NULL;
    cd_topk_attributes a = { .dim = options.by_dim ? options.dim : -1,
                             .k = options.k,
                             .smallest = options.smallest };
    return cd_op_with_indices(&cd_op_topk, &a, options.x, options.indices);
}

const cd_op cd_op_topk = {
    .name = "topk",
    .grad_fn = "TopkBackward0",
    .like = "torch.topk(x, k, dim, largest)",
    .formula = "y = the k largest of x along one dimension in falling order, or the smallest in "
               "rising order",
    .gradient = "dx = dy at the indices, else 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_topk_attributes, fields),
    .infer = topk_infer,
    .cpu = { .workspace = cd_indices_workspace, .run = topk_run },
    .backward = topk_backward,
};
