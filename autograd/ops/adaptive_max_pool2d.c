/* adaptive_max_pool2d: the maxima of windows that cover the image, as many as the output has
 * pixels, and their indices, which are the second output.
 *
 * x is N x C x H x W or C x H x W; the windows are those of adaptive_avg_pool2d, the rules for
 * NaN and equal elements those of max_pool2d. Saves the indices. Kernel: core/cpu/pool.c. The
 * gradient is the op max_pool2d_backward. */
#include "autograd/families/min_max_internal.h"
#include "autograd/families/pool_internal.h"
#include "autograd/layer_ops.h"
#include "core/cpu/pool_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_adaptive_pool2d_attributes, size, PAIR),
                                   CD_FIELDS_END };

static void adaptive_max_pool2d_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_max_pool2d_backward(dy[0], cd_saved_value(node, 0), node->input[0].shape);
}

static bool adaptive_max_pool2d_infer(cd_call *call)
{
    if (!cd_infer_adaptive_pool2d(call)) return false;
    call->out[1].dtype = CD_I64;
    call->out[1].shape = call->out[0].shape;
    return true;
}

static void adaptive_max_pool2d_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    cd_pool2d_sizes pool = cd_pool_between(&x->layout->shape, &y->layout->shape);
    pool.dilation_h = pool.dilation_w = 1;
    cd_cpu_adaptive_max_pool2d(&pool, x->layout->dtype, x->data, y->data, launch->out[1].data);
}

cd_tensor *cd_adaptive_max_pool2d_with(cd_adaptive_max_pool2d_options o)
{
    cd_adaptive_pool2d_attributes a = { { o.height, o.width } };
    if (!cd_check_no_return_indices("adaptive_max_pool2d", o.return_indices)) return NULL;
    return cd_op_with_indices(&cd_op_adaptive_max_pool2d, &a, o.x, o.indices);
}

const cd_op cd_op_adaptive_max_pool2d = {
    .name = "adaptive_max_pool2d",
    .grad_fn = "AdaptiveMaxPool2DBackward0",
    .like = "torch.nn.functional.adaptive_max_pool2d(x, (height, width))",
    .formula = "y[c,i,j] = max of x[c] over the window of adaptive_avg_pool2d",
    .gradient = "dx = dy added at the index of each maximum, 0 elsewhere",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_FLOATS,
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_adaptive_pool2d_attributes, fields),
    .infer = adaptive_max_pool2d_infer,
    .cpu = { .run = adaptive_max_pool2d_run },
    .backward = adaptive_max_pool2d_backward,
};
