/* Layers of convolutions, their windows, and shuffles of pixels and channels. What nn/layers.h says
 * of layers holds here too. The options are those of the functions of autograd/conv_ops.h, in
 * PyTorch's sense. There are no three-dimensional convolutions yet. */
#ifndef CANDELA_NN_CONVOLUTIONS_H
#define CANDELA_NN_CONVOLUTIONS_H

#include "autograd/conv_ops.h"
#include "autograd/shape_ops.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* torch.nn.Conv1d (see cd_conv1d for the output's length).
 *
 *     x       N x in_channels x L, or without N
 *     y       N x out_channels x OL
 *     weight  out_channels x in_channels/groups x kernel
 *     bias    out_channels
 *
 * weight and bias are initialised uniformly in +-1/sqrt(in_channels/groups * kernel), with the
 * numbers that PyTorch draws from the same seed. in_channels and out_channels must be divisible by
 * groups. */
typedef struct cd_nn_conv1d_options {
    int64_t in_channels, out_channels, kernel;
    CD_GUARD_;
    CD_CONV_OPTIONS; /* padding: a number, CD_PADDING_SAME or CD_PADDING_VALID */
    bool no_bias;
    cd_pad_mode padding_mode; /* what the padding is; default: zeros, CD_PAD_CONSTANT */
    cd_dtype dtype;           /* default: f32 */
    cd_device device;
} cd_nn_conv1d_options;

CD_API cd_module *cd_nn_conv1d_with(cd_nn_conv1d_options options);
#define cd_nn_conv1d(in_, out_, ...)                                                               \
    cd_nn_conv1d_with(                                                                             \
        (cd_nn_conv1d_options){ .in_channels = in_, .out_channels = out_, .kernel = __VA_ARGS__ })

/* torch.nn.Conv2d: the same for images, N x in_channels x H x W, with a weight of out_channels x
 * in_channels/groups x kernel x kernel_w. */
typedef struct cd_nn_conv2d_options {
    int64_t in_channels, out_channels, kernel;
    CD_GUARD_;
    CD_CONV_OPTIONS;
    bool no_bias;
    cd_dtype dtype; /* default: f32 */
    cd_device device;
    CD_CONV_WIDTH_OPTIONS;    /* default: as for the height */
    int64_t kernel_w;         /* default: kernel */
    cd_pad_mode padding_mode; /* as of cd_nn_conv1d */
} cd_nn_conv2d_options;

CD_API cd_module *cd_nn_conv2d_with(cd_nn_conv2d_options options);
#define cd_nn_conv2d(in_, out_, ...)                                                               \
    cd_nn_conv2d_with(                                                                             \
        (cd_nn_conv2d_options){ .in_channels = in_, .out_channels = out_, .kernel = __VA_ARGS__ })

/* torch.nn.ConvTranspose1d (see cd_conv_transpose1d for the output's length).
 *
 *     x       N x in_channels x L, or without N
 *     y       N x out_channels x OL
 *     weight  in_channels x out_channels/groups x kernel
 *     bias    out_channels
 *
 * weight and bias are initialised uniformly in +-1/sqrt(out_channels/groups * kernel). */
typedef struct cd_nn_conv_transpose1d_options {
    int64_t in_channels, out_channels, kernel;
    CD_GUARD_;
    CD_CONV_OPTIONS;
    int64_t output_padding;
    bool no_bias;
    cd_dtype dtype; /* default: f32 */
    cd_device device;
} cd_nn_conv_transpose1d_options;

CD_API cd_module *cd_nn_conv_transpose1d_with(cd_nn_conv_transpose1d_options options);
#define cd_nn_conv_transpose1d(in_, out_, ...)                                                     \
    cd_nn_conv_transpose1d_with((cd_nn_conv_transpose1d_options){                                  \
        .in_channels = in_, .out_channels = out_, .kernel = __VA_ARGS__ })

/* torch.nn.ConvTranspose2d: the same for images, with a weight of in_channels x out_channels/groups
 * x kernel x kernel_w. */
typedef struct cd_nn_conv_transpose2d_options {
    int64_t in_channels, out_channels, kernel;
    CD_GUARD_;
    CD_CONV_OPTIONS;
    CD_CONV_WIDTH_OPTIONS;         /* default: as for the height */
    int64_t kernel_w;              /* default: kernel */
    int64_t output_padding;        /* default: 0 */
    int64_t output_padding_w;      /* default: as for the height */
    bool output_padding_w_is_zero; /* output_padding_w = 0 though output_padding is not */
    bool no_bias;
    cd_dtype dtype; /* default: f32 */
    cd_device device;
} cd_nn_conv_transpose2d_options;

CD_API cd_module *cd_nn_conv_transpose2d_with(cd_nn_conv_transpose2d_options options);
#define cd_nn_conv_transpose2d(in_, out_, ...)                                                     \
    cd_nn_conv_transpose2d_with((cd_nn_conv_transpose2d_options){                                  \
        .in_channels = in_, .out_channels = out_, .kernel = __VA_ARGS__ })

/* torch.nn.Unfold: cd_nn_unfold(3, .padding = 1) (see cd_unfold, whose options it takes, without
 * .x). */
CD_API cd_module *cd_nn_unfold_with(cd_unfold_options options);
#define cd_nn_unfold(...) cd_nn_unfold_with((cd_unfold_options){ .kernel = __VA_ARGS__ })
/* torch.nn.Fold: cd_nn_fold(28, 28, 3, .padding = 1) (see cd_fold, whose options it takes, without
 * .x). */
CD_API cd_module *cd_nn_fold_with(cd_fold_options options);
#define cd_nn_fold(height_, width_, ...)                                                           \
    cd_nn_fold_with((cd_fold_options){ .height = height_, .width = width_, .kernel = __VA_ARGS__ })

/* torch.nn.PixelShuffle (see cd_pixel_shuffle). */
CD_API cd_module *cd_nn_pixel_shuffle(int64_t factor);
/* torch.nn.PixelUnshuffle (see cd_pixel_unshuffle). */
CD_API cd_module *cd_nn_pixel_unshuffle(int64_t factor);
/* torch.nn.ChannelShuffle (see cd_channel_shuffle). */
CD_API cd_module *cd_nn_channel_shuffle(int64_t groups);

CD_END_DECLS

#endif
