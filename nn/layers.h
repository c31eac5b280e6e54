/* Layers and losses: modules whose parameter names, shapes, initial values and printed form are
 * PyTorch's.
 *
 * Each function returns a new module in training mode, owned by the open scope, or NULL with an
 * error: CD_ERR_ARGUMENT for an option out of bounds, CD_ERR_DTYPE for a dtype that is not
 * floating. Options that are left out have PyTorch's defaults. With .device = CD_META a layer has
 * shapes but no elements: it checks its inputs and gives outputs of the right shapes without
 * computing. */
#ifndef CANDELA_NN_LAYERS_H
#define CANDELA_NN_LAYERS_H

#include "nn/activations.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* torch.nn.Linear: y = x weight^T + bias.
 *
 *     x       ... x in_features
 *     y       ... x out_features
 *     weight  out_features x in_features
 *     bias    out_features
 *
 * weight and bias are initialised uniformly in +-1/sqrt(in_features), with the numbers that PyTorch
 * draws from the same seed. */
typedef struct cd_nn_linear_options {
    int64_t in_features, out_features;
    CD_GUARD_;
    bool no_bias;
    cd_dtype dtype; /* default: f32 */
    cd_device device;
} cd_nn_linear_options;

CD_API cd_module *cd_nn_linear_with(cd_nn_linear_options options);
#define cd_nn_linear(in_, ...)                                                                     \
    cd_nn_linear_with((cd_nn_linear_options){ .in_features = in_, .out_features = __VA_ARGS__ })

/* torch.nn.Conv2d, with a kernel of K x K (see cd_conv2d for the output's size).
 *
 *     x       N x in_channels x H x W
 *     y       N x out_channels x OH x OW
 *     weight  out_channels x in_channels/groups x K x K
 *     bias    out_channels
 *
 * weight and bias are initialised uniformly in +-1/sqrt(in_channels/groups * K * K). in_channels
 * and out_channels must be divisible by groups. */
typedef struct cd_nn_conv2d_options {
    int64_t in_channels, out_channels, kernel;
    CD_GUARD_;
    CD_CONV2D_OPTIONS;
    bool no_bias;
    cd_dtype dtype;
    cd_device device;
} cd_nn_conv2d_options;

CD_API cd_module *cd_nn_conv2d_with(cd_nn_conv2d_options options);
#define cd_nn_conv2d(in_, out_, ...)                                                               \
    cd_nn_conv2d_with(                                                                             \
        (cd_nn_conv2d_options){ .in_channels = in_, .out_channels = out_, .kernel = __VA_ARGS__ })

/* torch.nn.BatchNorm2d: normalises each channel of x, N x C x H x W (see cd_batch_norm).
 *
 *     weight, bias               parameters of shape C, initially 1 and 0
 *     running_mean, running_var  buffers of shape C, initially 0 and 1
 *     num_batches_tracked        a buffer, 0-d int64, initially 0
 *
 * In training mode the layer normalises with the statistics of the batch and updates the running
 * ones, even if weight and bias require no gradients. In evaluation mode, and while it is frozen
 * (cd_freeze), it normalises with the running statistics. */
typedef struct cd_nn_batch_norm_options {
    int64_t features;
    CD_GUARD_;
    CD_BATCH_NORM_OPTIONS;
    cd_dtype dtype;
    cd_device device;
} cd_nn_batch_norm_options;

CD_API cd_module *cd_nn_batch_norm2d_with(cd_nn_batch_norm_options options);
#define cd_nn_batch_norm2d(...)                                                                    \
    cd_nn_batch_norm2d_with((cd_nn_batch_norm_options){ .features = __VA_ARGS__ })

/* torch.nn.MaxPool2d: cd_nn_max_pool2d(3, .stride = 2, .padding = 1), from N x C x H x W to
 * N x C x OH x OW. It takes the options of cd_max_pool2d except .x and .indices. The padding must
 * be at most half the kernel. */
CD_API cd_module *cd_nn_max_pool2d_with(cd_max_pool2d_options options);
#define cd_nn_max_pool2d(...)                                                                      \
    cd_nn_max_pool2d_with((cd_max_pool2d_options){ .kernel = __VA_ARGS__ })

/* torch.nn.AdaptiveAvgPool2d: N x C x H x W -> N x C x height x width. */
CD_API cd_module *cd_nn_adaptive_avg_pool2d(int64_t height, int64_t width);

/* torch.nn.Flatten: merges all dimensions but the first, N x C x H x W -> N x CHW. */
CD_API cd_module *cd_nn_flatten(void);

/* torch.nn.Sequential: calls its children in order, each with the output of the one before. The
 * children are named "0", "1", ... An output between two children is dropped as soon as the second
 * child has used it (cd_forward_drop). */
CD_API cd_module *cd_nn_sequential_n(cd_module *const *modules, int count);
#define cd_nn_sequential(...)                                                                      \
    cd_nn_sequential_n((cd_module *const[]){ __VA_ARGS__ },                                        \
                       (int)(sizeof((cd_module *const[]){ __VA_ARGS__ }) / sizeof(cd_module *)))

/* --- losses as modules: cd_forward(loss, prediction, target) ---------------------------------- */

/* The losses take the options of the functions of the same names (cd_loss_options) except .input
 * and .target. .weight and .pos_weight become buffers. An option that the loss does not have is
 * CD_ERR_ARGUMENT. */

/* torch.nn.MSELoss. */
CD_API cd_module *cd_nn_mse_loss_with(cd_loss_options options);
/* torch.nn.CrossEntropyLoss. */
CD_API cd_module *cd_nn_cross_entropy_loss_with(cd_loss_options options);
/* torch.nn.BCEWithLogitsLoss. */
CD_API cd_module *cd_nn_bce_with_logits_loss_with(cd_loss_options options);
#define cd_nn_mse_loss(...) cd_nn_mse_loss_with((cd_loss_options){ .target = NULL, __VA_ARGS__ })
#define cd_nn_cross_entropy_loss(...)                                                              \
    cd_nn_cross_entropy_loss_with((cd_loss_options){ .target = NULL, __VA_ARGS__ })
#define cd_nn_bce_with_logits_loss(...)                                                            \
    cd_nn_bce_with_logits_loss_with((cd_loss_options){ .target = NULL, __VA_ARGS__ })

CD_END_DECLS

#endif
