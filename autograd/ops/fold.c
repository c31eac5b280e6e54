/* fold: images that are the sum of their windows, which are the columns of a matrix ("col2im"): the
 * gradient of unfold.
 *
 * x is N x (C KH KW) x (OH OW), y is N x C x H x W; or both without N. Saves nothing. Kernel:
 * core/cpu/columns.c. */
#include "autograd/families/windows_internal.h"
#include "core/cpu/columns_internal.h"

static const cd_field fields[] = {
    { "size", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, height) },
    { "kernel", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, kernel_h) },
    { "dilation", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, dilation_h) },
    { "padding", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, padding_h) },
    { "stride", CD_FIELD_PAIR, offsetof(cd_conv2d_sizes, stride_h) },
    CD_FIELDS_END
};

static void fold_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_conv2d_sizes conv = *(const cd_conv2d_sizes *)cd_attributes_of(node);
    dx[0] = cd_op_with(&cd_op_unfold, &conv, dy[0]);
}

static bool fold_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    cd_conv2d_sizes *conv = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_windows(call, x, 3, "N x (C KH KW) x (OH OW) or (C KH KW) x (OH OW)")) {
        return false;
    }
    if (conv->height < 1 || conv->width < 1) {
        return cd_refuse(call, CD_ERR_SHAPE, "the result is %lldx%lld, and must be 1x1 or more",
                         (long long)conv->height, (long long)conv->width);
    }
    const int n = x->shape.ndim;
    int64_t taps;
    if (conv->kernel_h < 1 || conv->kernel_w < 1 ||
        __builtin_mul_overflow(conv->kernel_h, conv->kernel_w, &taps) ||
        x->shape.dim[n - 2] % taps != 0) {
        return cd_refuse(
            call, CD_ERR_SHAPE,
            "x (%s) has columns of %lld elements, of which a kernel of %lldx%lld takes "
            "as many as it has for each channel",
            cd_sizes_text(&x->shape, text), (long long)x->shape.dim[n - 2],
            (long long)conv->kernel_h, (long long)conv->kernel_w);
    }
    conv->images = n == 3 ? x->shape.dim[0] : 1;
    conv->in_channels = x->shape.dim[n - 2] / taps;
    if (!cd_infer_windows(call)) return false;
    if (x->shape.dim[n - 1] != conv->out_h * conv->out_w) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x (%s) has %lld columns, and a plane of %lldx%lld has %lldx%lld windows",
                         cd_sizes_text(&x->shape, text), (long long)x->shape.dim[n - 1],
                         (long long)conv->height, (long long)conv->width, (long long)conv->out_h,
                         (long long)conv->out_w);
    }
    call->out[0].dtype = x->dtype;
    call->out[0].shape = n == 3
                             ? CD_SHAPE(conv->images, conv->in_channels, conv->height, conv->width)
                             : CD_SHAPE(conv->in_channels, conv->height, conv->width);
    call->need[0].order = CD_ROW_MAJOR;
    return true;
}

static void fold_run(const cd_launch *launch)
{
    cd_cpu_fold(launch->attributes, launch->in[0].layout->dtype, launch->in[0].data,
                launch->out[0].data);
}

cd_tensor *cd_fold_with(cd_fold_options o)
{
    cd_conv2d_sizes conv = { .height = o.height, .width = o.width };
    if (!cd_window_complete("fold", CD_WINDOW_GIVEN(o), &conv)) return NULL;
    return cd_op_with(&cd_op_fold, &conv, o.x);
}

const cd_op cd_op_fold = {
    .name = "fold",
    .grad_fn = "Col2ImBackward0",
    .like = "torch.nn.functional.fold(x, output_size, kernel_size, dilation, padding, stride)",
    .formula = "y[n, c, h, w] = sum of x[n, (c, p, q), (i, j)] where unfold reads y[n, c, h, w]",
    .gradient = "dx = unfold(dy)",
    .dtypes = "floating, bool",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_conv2d_sizes, fields),
    .infer = fold_infer,
    .cpu = { .run = fold_run },
    .backward = fold_backward,
};
