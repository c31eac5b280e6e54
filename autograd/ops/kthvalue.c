/* kthvalue: the k-th smallest element along one dimension, and the index of the first element that
 * is equal to it, which is the second output.
 *
 * NaN is larger than all numbers. The dimension is dropped, or stays with size 1 (.keepdim). Saves
 * the indices. Kernel: core/cpu/order.c. */
#include "autograd/families/order_internal.h"
#include "autograd/order_ops.h"

static const cd_field fields[] = {
    CD_FIELD(cd_kthvalue_attributes, k, INTEGER),
    { "dim", CD_FIELD_DIM, offsetof(cd_kthvalue_attributes, reduce.dim) },
    { "keepdim", CD_FIELD_BOOL, offsetof(cd_kthvalue_attributes, reduce.keepdim) },
    CD_FIELDS_END
};

static bool kthvalue_infer(cd_call *call)
{
    const cd_kthvalue_attributes *a = call->launch.attributes;
    const cd_shape *x = &call->in[0].tensor->shape;
    if (!cd_infer_median_dim(call)) return false;
    const int64_t size = x->ndim > 0 ? x->dim[a->reduce.dim] : 1;
    return (a->k >= 1 && a->k <= size) ||
           cd_refuse(call, CD_ERR_ARGUMENT,
                     "k is %lld, and must be 1 to %lld, the size of dimension %d", (long long)a->k,
                     (long long)size, a->reduce.dim);
}

static void kthvalue_run(const cd_launch *launch)
{
    const cd_kthvalue_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduce.reduced);
    cd_cpu_order(CD_KTH, a->k - 1, x->layout->dtype, &walk, x->data, y->data, launch->out[1].data,
                 launch->workspace);
}

cd_tensor *cd_kthvalue_with(cd_kthvalue_options options)
{
    cd_kthvalue_attributes a = { .reduce = { .dim = options.dim, .keepdim = options.keepdim },
                                 .k = options.k };
    return cd_op_with_indices(&cd_op_kthvalue, &a, options.x, options.indices);
}

const cd_op cd_op_kthvalue = {
    .name = "kthvalue",
    .grad_fn = "KthvalueBackward0",
    .like = "torch.kthvalue(x, k, dim)",
    .formula = "y = the k-th smallest element of x along one dimension",
    .gradient = "dx = dy at the index, else 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_kthvalue_attributes, fields),
    .infer = kthvalue_infer,
    .cpu = { .workspace = cd_median_workspace, .run = kthvalue_run },
    .backward = cd_min_max_dim_backward,
};
