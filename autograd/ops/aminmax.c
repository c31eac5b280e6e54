/* aminmax: the smallest elements over dimensions, and the largest, which are the second output.
 *
 * NaN wins over all numbers. Equal elements share the gradient evenly; where an output is NaN its
 * gradient is NaN. Empty dimensions are an error. Saves x and both outputs. Kernel:
 * core/cpu/reduce_min_max.c. */
#include "autograd/families/min_max_internal.h"

enum { SAVED_X, SAVED_LEAST, SAVED_MOST };

static void aminmax_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_dims_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, SAVED_X);
    for (int j = 0; j < 2; j++) {
        if (!dy[j]) continue;
        cd_tensor *part = cd_op_share(dy[j], cd_saved_value(node, SAVED_LEAST + j), x, a->dims);
        dx[0] = dx[0] ? cd_add(dx[0], part) : part;
    }
}

static bool aminmax_infer(cd_call *call)
{
    if (!cd_infer_amin_amax(call)) return false;
    call->out[1].dtype = call->out[0].dtype;
    call->out[1].shape = call->out[0].shape;
    return true;
}

static void aminmax_run(const cd_launch *launch)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduced);
    cd_cpu_min(x->layout->dtype, &walk, x->data, launch->out[0].data, NULL);
    cd_cpu_max(x->layout->dtype, &walk, x->data, launch->out[1].data, NULL);
}

cd_tensor *cd_aminmax_with(cd_aminmax_options options)
{
    cd_reduce_dims_attributes a = { .reduce.keepdim = options.keepdim, .dims = options.dims };
    return cd_op_with_second(&cd_op_aminmax, &a, options.x, options.max, "max");
}

const cd_op cd_op_aminmax = {
    .name = "aminmax",
    .grad_fn = "AminmaxBackward0",
    .like = "torch.aminmax(x, dim)",
    .formula = "y = the smallest of x over dimensions, and the largest",
    .gradient = "dx = dy / n at the n elements that are y, else 0, for both outputs",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { [SAVED_X] = { CD_INPUT, 0 },
              [SAVED_LEAST] = { CD_OUTPUT, 0 },
              [SAVED_MOST] = { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = aminmax_infer,
    .cpu = { .run = aminmax_run },
    .backward = aminmax_backward,
};
