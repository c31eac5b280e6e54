/* See conv_sizes_internal.h. */
#include "core/conv_sizes_internal.h"

#include "core/memory_internal.h"

/* The output's height or width:
 * *out = floor((size + 2*padding - dilation*(kernel - 1) - 1) / stride) + 1. */
static const char *output_size(int64_t size, int64_t kernel, int64_t stride, int64_t padding,
                               int64_t dilation, int64_t *out)
{
    int64_t padded, extent;
    if (__builtin_mul_overflow(padding, 2, &padded) ||
        __builtin_add_overflow(padded, size, &padded) ||
        __builtin_mul_overflow(dilation, kernel - 1, &extent) ||
        __builtin_add_overflow(extent, 1, &extent)) {
        return "padding or dilation is too large";
    }
    if (extent > padded) return "the kernel is larger than the padded input";
    *out = (padded - extent) / stride + 1;
    return NULL;
}

/* Whether a tensor of these sizes, with elements of 8 bytes, has at most INT64_MAX bytes. */
static bool fits(const int64_t *sizes, int count)
{
    int64_t product = 8;
    for (int i = 0; i < count; i++) {
        if (!cd_checked_mul_i64(product, sizes[i] > 0 ? sizes[i] : 1, &product)) return false;
    }
    return true;
}

/* What is wrong with the sizes by themselves; NULL if nothing. */
static const char *check_ranges(const cd_conv2d_sizes *c)
{
    if (c->images < 0 || c->in_channels < 0 || c->height < 0 || c->width < 0) {
        return "the sizes of the input must not be negative";
    }
    if (c->out_channels < 0) return "the number of output channels must not be negative";
    if (c->kernel_h < 1 || c->kernel_w < 1) return "the kernel must be at least 1x1";
    if (c->stride_h < 1 || c->stride_w < 1) return "stride must be at least 1";
    if (c->padding_h < 0 || c->padding_w < 0) return "padding must not be negative";
    if (c->dilation_h < 1 || c->dilation_w < 1) return "dilation must be at least 1";
    if (c->groups < 1) return "groups must be at least 1";
    if (c->in_channels % c->groups) return "groups must divide the input channels";
    if (c->out_channels % c->groups) return "groups must divide the output channels";
    return NULL;
}

const char *cd_conv2d_sizes_complete(cd_conv2d_sizes *c)
{
    int64_t out_h = 0, out_w = 0;
    const char *wrong = check_ranges(c);
    if (!wrong) {
        wrong =
            output_size(c->height, c->kernel_h, c->stride_h, c->padding_h, c->dilation_h, &out_h);
    }
    if (!wrong) {
        wrong =
            output_size(c->width, c->kernel_w, c->stride_w, c->padding_w, c->dilation_w, &out_w);
    }
    if (wrong) return wrong;
    int64_t padded_h = c->height + 2 * c->padding_h, padded_w = c->width + 2 * c->padding_w;
    if (!fits((int64_t[]){ c->images, c->in_channels, padded_h, padded_w }, 4) ||
        !fits((int64_t[]){ c->images, c->out_channels, out_h, out_w }, 4) ||
        !fits((int64_t[]){ c->out_channels, c->in_channels, c->kernel_h, c->kernel_w }, 4) ||
        !fits((int64_t[]){ c->in_channels, c->kernel_h, c->kernel_w, out_h, out_w }, 5)) {
        return "the sizes are too large";
    }
    c->out_h = out_h;
    c->out_w = out_w;
    return NULL;
}

/* The size of which a convolution gives `out` elements. */
static const char *input_size(int64_t out, int64_t kernel, int64_t stride, int64_t padding,
                              int64_t dilation, int64_t more, int64_t *size)
{
    int64_t extent, steps;
    if (more < 0) return "output_padding must not be negative";
    if (more >= stride && more >= dilation) {
        return "output_padding must be smaller than stride or dilation";
    }
    if (__builtin_mul_overflow(dilation, kernel - 1, &extent) ||
        __builtin_mul_overflow(out - 1, stride, &steps) ||
        __builtin_add_overflow(extent, steps, &extent) ||
        __builtin_add_overflow(extent, more + 1, &extent) || padding > INT64_MAX / 2) {
        return "padding, stride or dilation is too large";
    }
    *size = extent - 2 * padding;
    return *size >= 1 ? NULL : "the output would have no pixels";
}

const char *cd_conv2d_sizes_complete_transposed(cd_conv2d_sizes *c, int64_t y_h, int64_t y_w,
                                                int64_t more_h, int64_t more_w)
{
    int64_t height = 0, width = 0;
    const char *wrong = check_ranges(c);
    if (!wrong) {
        wrong =
            input_size(y_h, c->kernel_h, c->stride_h, c->padding_h, c->dilation_h, more_h, &height);
    }
    if (!wrong) {
        wrong =
            input_size(y_w, c->kernel_w, c->stride_w, c->padding_w, c->dilation_w, more_w, &width);
    }
    if (wrong) return wrong;
    c->height = height;
    c->width = width;
    wrong = cd_conv2d_sizes_complete(c);
    if (wrong) return wrong;
    c->out_h = y_h;
    c->out_w = y_w;
    return NULL;
}
