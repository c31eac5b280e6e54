/* prod: the product of all elements of x, as a 0-d tensor; of nothing it is 1.
 *
 * Integers and bool are multiplied as int64, unless .dtype asks for another dtype. Floats are
 * multiplied in double. Saves x. Kernel: core/cpu/reduce_sums.c. */
#include "autograd/families/prod_internal.h"

static void prod_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shape shape = node->input[0].shape;
    cd_tensor *x = cd_to(cd_saved_value(node, 0), dy[0]->dtype);
    if (shape.ndim == 0) {
        dx[0] = dy[0];
        return;
    }
    cd_tensor *flat = cd_reshape(x, CD_SHAPE(-1));
    dx[0] = cd_reshape(cd_prod_gradient(flat, cd_unsqueeze(dy[0], 0), 0), shape);
}

static bool prod_infer(cd_call *call)
{
    cd_infer_reduced(call, cd_all_dims(call->in[0].tensor->shape));
    cd_infer_sum_dtype(call);
    return true;
}

static void prod_run(const cd_launch *launch)
{
    cd_run_integers(launch, cd_cpu_prod);
}

cd_tensor *cd_prod_with(cd_sum_options options)
{
    return cd_op_reduce_sum(&cd_op_prod, &cd_op_prod_dim, &options);
}

const cd_op cd_op_prod = {
    .name = "prod",
    .grad_fn = "ProdBackward0",
    .like = "torch.prod(x)",
    .formula = "y = product of all elements of x",
    .gradient = "dx = dy times the product of all other elements",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_no_fields),
    .infer = prod_infer,
    .cpu = { .workspace = cd_integers_workspace, .run = prod_run },
    .backward = prod_backward,
};

/* --- prod_dim: along one dimension ------------------------------------------------------------ */

static void dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_dims_attributes *a = cd_attributes_of(node);
    cd_tensor *restored = cd_op_restore_dims(dy[0], node->input[0].shape, a->reduce.reduced);
    cd_tensor *x = cd_to(cd_saved_value(node, 0), dy[0]->dtype);
    dx[0] = cd_prod_gradient(x, restored, a->dims.count > 0 ? a->dims.dim[0] : 0);
}

static bool dim_infer(cd_call *call)
{
    const cd_reduce_dims_attributes *a = call->launch.attributes;
    if (!cd_infer_reduced_dims(call)) return false;
    cd_infer_sum_dtype(call);
    return a->dims.count <= 1 ||
           cd_refuse(call, CD_ERR_ARGUMENT,
                     "it is of all elements, or along one dimension, and these are %d",
                     a->dims.count);
}

const cd_op cd_op_prod_dim = {
    .name = "prod",
    .grad_fn = "ProdBackward1",
    .like = "torch.prod(x, dim)",
    .formula = "y = product of x along one dimension",
    .gradient = "dx = dy times the product of the other elements",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = dim_infer,
    .cpu = { .workspace = cd_integers_workspace, .run = prod_run },
    .backward = dim_backward,
};
