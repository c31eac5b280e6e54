/* conv2d_weight_backward: the gradient of conv2d with respect to the weight, a correlation of x
 * with dy. See conv2d.c.
 *
 * Saves dy for the gradient of x, and x for that of dy. Kernel: core/cpu/conv*.c. */
#include "autograd/families/conv_internal.h"
#include "core/cpu/conv_internal.h"

enum { DY, X };
enum { SAVED_DY, SAVED_X };

/* g is the gradient of the output. */
static void conv2d_weight_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_conv2d_sizes *conv = cd_attributes_of(node);
    if (cd_wanted(node, DY)) {
        grad[DY] = cd_convolution(cd_saved_value(node, SAVED_X), g[0], NULL, conv);
    }
    if (cd_wanted(node, X)) {
        cd_tensor *dy = cd_saved_value(node, SAVED_DY);
        grad[X] = cd_conv2d_input_backward(dy, g[0], node->input[X].shape, conv);
    }
}

static bool conv2d_weight_backward_infer(cd_call *call)
{
    const cd_shape weight = cd_conv_weight_shape(call->launch.attributes);
    return cd_infer_conv(call, call->in[X].tensor->shape, weight) &&
           cd_infer_conv_gradient(call, weight);
}

static size_t conv2d_weight_backward_workspace(const cd_launch *launch)
{
    return cd_cpu_conv2d_workspace(launch->attributes, CD_CONV2D_GRAD_WEIGHT,
                                   launch->in[DY].layout->dtype);
}

static void conv2d_weight_backward_run(const cd_launch *launch)
{
    cd_cpu_conv2d_grad_weight(launch->attributes, launch->in[DY].layout->dtype, launch->in[DY].data,
                              launch->in[X].data, launch->out[0].data, launch->workspace);
}

cd_tensor *cd_conv2d_weight_backward(cd_tensor *dy, cd_tensor *x, cd_shape weight,
                                     const cd_conv2d_sizes *like)
{
    cd_conv2d_sizes conv = *like;
    cd_conv_set_weight(&conv, &weight);
    conv.in_channels = weight.dim[1] * conv.groups;
    return cd_op_with(&cd_op_conv2d_weight_backward, &conv, dy, x);
}

const cd_op cd_op_conv2d_weight_backward = {
    .name = "conv2d_weight_backward",
    .grad_fn = "ConvolutionBackwardBackward0",
    .like = "torch.nn.grad.conv2d_weight(x, shape, dy, ...)",
    .formula = "y = the correlation of x with dy: conv2d's dw",
    .gradient = "for dy: conv2d(x, g), for x: conv2d_input_backward(dy, g)",
    .dtypes = "floating, the same for all",
    .inputs = 2,
    .input = { "dy", "x" },
    .save = { [SAVED_DY] = { CD_INPUT, DY, CD_SET(X) }, [SAVED_X] = { CD_INPUT, X, CD_SET(DY) } },
    CD_OP_ATTRIBUTES(cd_conv2d_sizes, cd_conv_fields),
    .infer = conv2d_weight_backward_infer,
    .cpu = { .workspace = conv2d_weight_backward_workspace, .run = conv2d_weight_backward_run },
    .backward = conv2d_weight_backward_backward,
};
