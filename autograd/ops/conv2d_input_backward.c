/* conv2d_input_backward: the gradient of conv2d with respect to x, a transposed convolution of dy.
 * See conv2d.c.
 *
 * Saves dy for the gradient of the weight, and the weight for that of dy. Kernel: core/cpu/conv*.c.
 */
#include "autograd/families/conv_internal.h"
#include "core/cpu/conv_internal.h"

enum { DY, WEIGHT };
enum { SAVED_DY, SAVED_WEIGHT };

/* g is the gradient of the output. */
static void conv2d_input_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_conv2d_sizes *conv = cd_attributes_of(node);
    if (cd_wanted(node, DY)) {
        grad[DY] = cd_convolution(g[0], cd_saved_value(node, SAVED_WEIGHT), NULL, conv);
    }
    if (cd_wanted(node, WEIGHT)) {
        cd_tensor *dy = cd_saved_value(node, SAVED_DY);
        grad[WEIGHT] = cd_conv2d_weight_backward(dy, g[0], node->input[WEIGHT].shape, conv);
    }
}

static bool conv2d_input_backward_infer(cd_call *call)
{
    const cd_shape x = cd_conv_input_shape(call->launch.attributes);
    return cd_infer_conv(call, x, call->in[WEIGHT].tensor->shape) &&
           cd_infer_conv_gradient(call, x);
}

static size_t conv2d_input_backward_workspace(const cd_launch *launch)
{
    return cd_cpu_conv2d_workspace(launch->attributes, CD_CONV2D_GRAD_INPUT,
                                   launch->in[DY].layout->dtype);
}

static void conv2d_input_backward_run(const cd_launch *launch)
{
    cd_cpu_conv2d_grad_input(launch->attributes, launch->in[DY].layout->dtype, launch->in[DY].data,
                             launch->in[WEIGHT].data, launch->out[0].data, launch->workspace);
}

cd_tensor *cd_conv2d_input_backward(cd_tensor *dy, cd_tensor *weight, cd_shape x,
                                    const cd_conv2d_sizes *like)
{
    cd_conv2d_sizes conv = *like;
    cd_conv_set_input(&conv, &x);
    return cd_op_with(&cd_op_conv2d_input_backward, &conv, dy, weight);
}

const cd_op cd_op_conv2d_input_backward = {
    .name = "conv2d_input_backward",
    .grad_fn = "ConvolutionBackwardBackward0",
    .like = "torch.nn.grad.conv2d_input(shape, weight, dy, ...)",
    .formula = "y = the transposed convolution of dy with weight: conv2d's dx",
    .gradient = "for dy: conv2d(g, w), for w: conv2d_weight_backward(dy, g)",
    .dtypes = "floating, the same for all",
    .inputs = 2,
    .input = { "dy", "weight" },
    .save = { [SAVED_DY] = { CD_INPUT, DY, CD_SET(WEIGHT) },
              [SAVED_WEIGHT] = { CD_INPUT, WEIGHT, CD_SET(DY) } },
    CD_OP_ATTRIBUTES(cd_conv2d_sizes, cd_conv_fields),
    .infer = conv2d_input_backward_infer,
    .cpu = { .workspace = conv2d_input_backward_workspace, .run = conv2d_input_backward_run },
    .backward = conv2d_input_backward_backward,
};
