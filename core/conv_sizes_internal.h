/* The sizes of a 2-d convolution (cross-correlation, as torch.nn.functional.conv2d), NCHW: for the
 * op's shape check and its kernels.
 *
 *     x       images x in_channels x height x width
 *     weight  out_channels x in_channels/groups x kernel_h x kernel_w
 *     bias    out_channels, or NULL
 *     y       images x out_channels x out_h x out_w */
#ifndef CANDELA_CORE_CONV_SIZES_INTERNAL_H
#define CANDELA_CORE_CONV_SIZES_INTERNAL_H

#include "core/api.h"

typedef struct cd_conv2d_sizes {
    int64_t images, in_channels, height, width;
    int64_t out_channels, kernel_h, kernel_w;
    int64_t stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w;
    int64_t groups;
    int64_t out_h, out_w; /* set by cd_conv2d_sizes_complete */
    bool line; /* one-dimensional: the shapes of the tensors leave out height, kernel_h and out_h,
                  which are 1 */
} cd_conv2d_sizes;

/* Checks the sizes and sets
 *
 *     out_h = floor((height + 2*padding_h - dilation_h*(kernel_h - 1) - 1) / stride_h) + 1
 *
 * and out_w likewise. Returns NULL, or what is wrong, in words for the end of an error message
 * ("stride must be at least 1"). If it returns NULL, no size that the kernels compute overflows
 * (though an allocation of a workspace may still fail). */
const char *cd_conv2d_sizes_complete(cd_conv2d_sizes *conv);

/* Likewise for the transposed convolution, from y to x, of a y with this height and width: sets
 * out_h and out_w to these, and
 *
 *     height = (y_h - 1)*stride_h - 2*padding_h + dilation_h*(kernel_h - 1) + more_h + 1
 *
 * and width likewise. more_h and more_w, PyTorch's output_padding, must be smaller than the stride
 * or the dilation. If it is a stride or more, a convolution of these sizes would have more outputs
 * than y has elements. */
const char *cd_conv2d_sizes_complete_transposed(cd_conv2d_sizes *conv, int64_t y_h, int64_t y_w,
                                                int64_t more_h, int64_t more_w);

#endif
