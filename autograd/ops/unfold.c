/* unfold: the windows that a convolution sees of each image, as the columns of a matrix ("im2col").
 *
 * x is N x C x H x W, y is N x (C KH KW) x (OH OW), with OH and OW as of conv2d; or both without N.
 * Saves nothing. Kernel: core/cpu/columns.c. */
#include "autograd/families/windows_internal.h"
#include "core/cpu/columns_internal.h"

static void unfold_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_conv2d_sizes conv = *(const cd_conv2d_sizes *)cd_attributes_of(node);
    dx[0] = cd_op_with(&cd_op_fold, &conv, dy[0]);
}

static bool unfold_infer(cd_call *call)
{
    cd_conv2d_sizes *conv = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_windows(call, x, 4, "N x C x H x W or C x H x W")) return false;
    const int n = x->shape.ndim;
    conv->images = n == 4 ? x->shape.dim[0] : 1;
    conv->in_channels = x->shape.dim[n - 3];
    conv->height = x->shape.dim[n - 2];
    conv->width = x->shape.dim[n - 1];
    if (!cd_infer_windows(call)) return false;
    cd_shape *y = &call->out[0].shape;
    call->out[0].dtype = x->dtype;
    *y = CD_SHAPE(conv->images, conv->in_channels * conv->kernel_h * conv->kernel_w,
                  conv->out_h * conv->out_w);
    if (n == 3) *y = CD_SHAPE(y->dim[1], y->dim[2]);
    call->need[0].order = CD_ROW_MAJOR;
    return true;
}

static void unfold_run(const cd_launch *launch)
{
    cd_cpu_unfold(launch->attributes, launch->in[0].layout->dtype, launch->in[0].data,
                  launch->out[0].data);
}

cd_tensor *cd_unfold_with(cd_unfold_options o)
{
    cd_conv2d_sizes conv = { .images = 0 };
    if (!cd_window_complete("unfold", CD_WINDOW_GIVEN(o), &conv)) return NULL;
    return cd_op_with(&cd_op_unfold, &conv, o.x);
}

const cd_op cd_op_unfold = {
    .name = "unfold",
    .grad_fn = "Im2ColBackward0",
    .like = "torch.nn.functional.unfold(x, kernel_size, dilation, padding, stride)",
    .formula = "y[n, (c, p, q), (i, j)] = x[n, c, i stride - padding + p dilation, j stride - "
               "padding + q dilation]",
    .gradient = "dx = fold(dy)",
    .dtypes = "floating, bool",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_conv2d_sizes, cd_window_fields),
    .infer = unfold_infer,
    .cpu = { .run = unfold_run },
    .backward = unfold_backward,
};
