/* Convolutions, their windows (unfold and fold), and shuffles of pixels and channels. The rules of
 * ops.h hold here too. docs/ops.md has each with its formula and gradient. */
#ifndef CANDELA_AUTOGRAD_CONV_OPS_H
#define CANDELA_AUTOGRAD_CONV_OPS_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* --- convolutions ----------------------------------------------------------------------------- */

/* All operands have one dtype, which is floating or int64 (which wraps around); int32 and uint8 too
 * for cd_conv1d and cd_conv2d without a dilation. The last dimensions of x must have elements; the
 * batch may be empty. */

/* For .padding of cd_conv1d and cd_conv2d: PyTorch's padding="same", where the result has as many
 * rows and columns as x, and the stride must be 1; and padding="valid", which is no padding. With
 * "same", what cannot be the same on both sides has one more element at the end. */
#define CD_PADDING_SAME  INT64_MIN
#define CD_PADDING_VALID (INT64_MIN + 1)

/* The options that convolutions and their modules share. Left out they are 1, 0, 1 and 1. */
#define CD_CONV_OPTIONS  int64_t stride, padding, dilation, groups
/* In two dimensions: what is not as for the height. padding_w_is_zero: padding_w = 0 though padding
 * is not. */
#define CD_CONV_WIDTH_OPTIONS                                                                      \
    int64_t stride_w, padding_w, dilation_w;                                                       \
    bool padding_w_is_zero

/* Options of cd_conv1d. */
typedef struct cd_conv1d_options {
    cd_tensor *x;      /* N x C x L, or C x L */
    cd_tensor *weight; /* O x C/groups x K */
    cd_tensor *bias;   /* O, or NULL */
    CD_GUARD_;
    CD_CONV_OPTIONS;
} cd_conv1d_options;

/* torch.nn.functional.conv1d: cd_conv1d(x, weight, bias, .stride = 2). The result is N x O x OL,
 * with OL as OH of cd_conv2d. */
CD_API cd_tensor *cd_conv1d_with(cd_conv1d_options options);
#define cd_conv1d(x_, weight_, ...)                                                                \
    cd_conv1d_with((cd_conv1d_options){ .x = x_, .weight = weight_, .bias = __VA_ARGS__ })

/* Options of cd_conv2d. */
typedef struct cd_conv2d_options {
    cd_tensor *x;      /* N x C x H x W, or one image, C x H x W */
    cd_tensor *weight; /* O x C/groups x KH x KW */
    cd_tensor *bias;   /* O, or NULL */
    CD_GUARD_;
    CD_CONV_OPTIONS;
    CD_CONV_WIDTH_OPTIONS;
} cd_conv2d_options;

/* torch.nn.functional.conv2d: cd_conv2d(x, weight, bias, .stride = 2, .padding = 1). The result is
 * N x O x OH x OW, with OH = (H + 2 padding - dilation (KH - 1) - 1) / stride + 1, rounded down. */
CD_API cd_tensor *cd_conv2d_with(cd_conv2d_options options);
#define cd_conv2d(x_, weight_, ...)                                                                \
    cd_conv2d_with((cd_conv2d_options){ .x = x_, .weight = weight_, .bias = __VA_ARGS__ })

/* Options of cd_conv_transpose1d. */
typedef struct cd_conv_transpose1d_options {
    cd_tensor *x;      /* N x C x L, or C x L */
    cd_tensor *weight; /* C x O/groups x K */
    cd_tensor *bias;   /* O, or NULL */
    CD_GUARD_;
    CD_CONV_OPTIONS;
    int64_t output_padding; /* default: 0; less than stride or dilation */
} cd_conv_transpose1d_options;

/* torch.nn.functional.conv_transpose1d: cd_conv_transpose1d(x, weight, bias, .stride = 2). The
 * result is N x O x OL, with OL as OH of cd_conv_transpose2d. */
CD_API cd_tensor *cd_conv_transpose1d_with(cd_conv_transpose1d_options options);
#define cd_conv_transpose1d(x_, weight_, ...)                                                      \
    cd_conv_transpose1d_with(                                                                      \
        (cd_conv_transpose1d_options){ .x = x_, .weight = weight_, .bias = __VA_ARGS__ })

/* Options of cd_conv_transpose2d. */
typedef struct cd_conv_transpose2d_options {
    cd_tensor *x;      /* N x C x H x W, or one image, C x H x W */
    cd_tensor *weight; /* C x O/groups x KH x KW */
    cd_tensor *bias;   /* O, or NULL */
    CD_GUARD_;
    CD_CONV_OPTIONS;
    CD_CONV_WIDTH_OPTIONS;
    int64_t output_padding;        /* default: 0; less than stride or dilation */
    int64_t output_padding_w;      /* default: as for the height */
    bool output_padding_w_is_zero; /* output_padding_w = 0 though output_padding is not */
} cd_conv_transpose2d_options;

/* torch.nn.functional.conv_transpose2d: cd_conv_transpose2d(x, weight, bias, .stride = 2). The
 * result is N x O x OH x OW, with
 * OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1. */
CD_API cd_tensor *cd_conv_transpose2d_with(cd_conv_transpose2d_options options);
#define cd_conv_transpose2d(x_, weight_, ...)                                                      \
    cd_conv_transpose2d_with(                                                                      \
        (cd_conv_transpose2d_options){ .x = x_, .weight = weight_, .bias = __VA_ARGS__ })

/* --- windows ---------------------------------------------------------------------------------- */

/* The options that cd_unfold, cd_fold and their modules share. Left out, stride and dilation are 1,
 * padding is 0, and what is of the width is as for the height. */
#define CD_UNFOLD_OPTIONS                                                                          \
    int64_t stride, dilation, padding, kernel_w, stride_w, dilation_w, padding_w;                  \
    bool padding_w_is_zero

/* Options of cd_unfold. */
typedef struct cd_unfold_options {
    cd_tensor *x; /* N x C x H x W, or C x H x W; floating or bool; only N may be 0 */
    int64_t kernel;
    CD_GUARD_;
    CD_UNFOLD_OPTIONS;
} cd_unfold_options;

/* torch.nn.functional.unfold: cd_unfold(x, 3, .padding = 1), the windows of a convolution, each a
 * column: N x (C KH KW) x (OH OW), or without N. Tensor.unfold is cd_unfold_dim. */
CD_API cd_tensor *cd_unfold_with(cd_unfold_options options);
#define cd_unfold(x_, ...) cd_unfold_with((cd_unfold_options){ .x = x_, .kernel = __VA_ARGS__ })

/* Options of cd_fold. */
typedef struct cd_fold_options {
    cd_tensor *x;          /* N x (C KH KW) x (OH OW), or without N; floating or bool */
    int64_t height, width; /* of the result */
    int64_t kernel;
    CD_GUARD_;
    CD_UNFOLD_OPTIONS;
} cd_fold_options;

/* torch.nn.functional.fold: cd_fold(x, 28, 28, 3, .padding = 1), images of height x width that are
 * the sum of their windows, N x C x H x W. */
CD_API cd_tensor *cd_fold_with(cd_fold_options options);
#define cd_fold(x_, height_, width_, ...)                                                          \
    cd_fold_with(                                                                                  \
        (cd_fold_options){ .x = x_, .height = height_, .width = width_, .kernel = __VA_ARGS__ })

/* --- shuffles --------------------------------------------------------------------------------- */

/* torch.nn.functional.pixel_shuffle: ... x C f^2 x H x W becomes ... x C x H f x W f. */
CD_API cd_tensor *cd_pixel_shuffle(cd_tensor *x, int64_t factor);
/* torch.nn.functional.pixel_unshuffle: ... x C x H f x W f becomes ... x C f^2 x H x W. */
CD_API cd_tensor *cd_pixel_unshuffle(cd_tensor *x, int64_t factor);
/* torch.nn.functional.channel_shuffle: of x, N x C x ..., with C = groups * k: channel g k + i of x
 * becomes channel i groups + g. */
CD_API cd_tensor *cd_channel_shuffle(cd_tensor *x, int64_t groups);

CD_END_DECLS

#endif
