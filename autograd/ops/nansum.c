/* nansum: the sum of the elements that are not NaN, over dimensions; of nothing it is 0.
 *
 * Dtypes as for sum. Saves x. Kernel: core/cpu/reduce_sums.c. */
#include "autograd/families/reduction_internal.h"
#include "autograd/ops_internal.h"

static void nansum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, 0);
    dx[0] = cd_mul(cd_op_spread(dy[0], node->input[0].shape, a->reduced), cd_eq(x, x));
}

static bool nansum_infer(cd_call *call)
{
    if (!cd_infer_reduced_dims(call)) return false;
    cd_infer_sum_dtype(call);
    return true;
}

static void nansum_run(const cd_launch *launch)
{
    cd_run_integers(launch, cd_cpu_nansum);
}

/* x, in which NaN is replaced by 0 before it becomes an integer. */
static cd_tensor *without_nan(const cd_sum_options *options)
{
    const cd_scope scope = cd_scope_begin();
    cd_sum_options zeros = *options;
    zeros.x = cd_where(cd_eq(options->x, options->x), options->x, 0);
    return cd_ops_end(scope, cd_op_reduce_sum(&cd_op_nansum, &cd_op_nansum, &zeros));
}

cd_tensor *cd_nansum_with(cd_sum_options options)
{
    const bool to_integers = options.dtype != CD_DTYPE_DEFAULT &&
                             cd_dtype_size(options.dtype) > 0 &&
                             !cd_dtype_is_floating(options.dtype);
    if (!cd_check_tensor(options.x, "nansum", "x")) return NULL;
    if (to_integers && cd_is_floating(options.x->dtype)) return without_nan(&options);
    return cd_op_reduce_sum(&cd_op_nansum, &cd_op_nansum, &options);
}

const cd_op cd_op_nansum = {
    .name = "nansum",
    .grad_fn = "NansumBackward0",
    .like = "torch.nansum(x, dim)",
    .formula = "y = sum of the elements of x that are not NaN",
    .gradient = "dx = dy where x is not NaN, else 0",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = nansum_infer,
    .cpu = { .workspace = cd_integers_workspace, .run = nansum_run },
    .backward = nansum_backward,
};
