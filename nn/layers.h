/* Layers: modules whose names, shapes, start values and printed form are PyTorch's.
 *
 * Each is handed out in training mode. Options that are left out have PyTorch's default. With
 * .device = CD_META a layer says what shapes it has, takes and gives, and needs no memory. */
#ifndef CANDELA_NN_LAYERS_H
#define CANDELA_NN_LAYERS_H

#include "nn/module.h"

CD_BEGIN_DECLS

/* y = x weight^T + bias.  x: ... x in_features, y: ... x out_features.
 * weight: out x in, bias: out; both uniform in +-1/sqrt(in) (as torch.nn.Linear, and with the same
 * seed its numbers). */
typedef struct cd_linear_options {
    int64_t in_features, out_features;
    CD_GUARD_;
    bool no_bias;
    cd_dtype dtype; /* default: f32 */
    cd_device device;
} cd_linear_options;

CD_API cd_module *cd_nn_linear_with(cd_linear_options options);
#define cd_nn_linear(in_, ...)                                                                     \
    cd_nn_linear_with((cd_linear_options){ .in_features = in_, .out_features = __VA_ARGS__ })

/* x: N x in_channels x H x W, y: N x out_channels x OH x OW (see cd_conv2d).
 * weight: out x in/groups x K x K, bias: out; both uniform in +-1/sqrt(in/groups * K * K), as
 * torch.nn.Conv2d. */
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

/* Per channel of N x C x H x W (see cd_batch_norm). weight 1, bias 0, running_mean 0, running_var
 * 1, num_batches_tracked an int64 scalar 0. In training mode the batch's statistics are used and
 * the running ones moved, even if weight and bias require no gradient; not when frozen (cd_freeze).
 */
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

CD_API cd_module *cd_nn_relu(void);

/* cd_nn_max_pool2d(3, .stride = 2, .padding = 1), with cd_max_pool2d's options but for x and
 * indices. */
CD_API cd_module *cd_nn_max_pool2d_with(cd_max_pool2d_options options);
#define cd_nn_max_pool2d(...)                                                                      \
    cd_nn_max_pool2d_with((cd_max_pool2d_options){ .kernel = __VA_ARGS__ })

CD_API cd_module *cd_nn_adaptive_avg_pool2d(int64_t height, int64_t width);

/* All dimensions from 1 on become one: N x C x H x W -> N x CHW. */
CD_API cd_module *cd_nn_flatten(void);

/* One after the other; children are named "0", "1", ... An input that only it holds is let go as
 * soon as the next step has used it. */
CD_API cd_module *cd_nn_sequential_n(cd_module *const *modules, int count);
#define cd_nn_sequential(...)                                                                      \
    cd_nn_sequential_n((cd_module *const[]){ __VA_ARGS__ },                                        \
                       (int)(sizeof((cd_module *const[]){ __VA_ARGS__ }) / sizeof(cd_module *)))

/* --- losses as modules: cd_forward(loss, prediction, target) ---------------------------------- */

/* With cd_loss_options but for input and target; .weight and .pos_weight become buffers. */
CD_API cd_module *cd_nn_mse_loss_with(cd_loss_options options);
CD_API cd_module *cd_nn_cross_entropy_loss_with(cd_loss_options options);
CD_API cd_module *cd_nn_bce_with_logits_loss_with(cd_loss_options options);
#define cd_nn_mse_loss(...) cd_nn_mse_loss_with((cd_loss_options){ .target = NULL, __VA_ARGS__ })
#define cd_nn_cross_entropy_loss(...)                                                              \
    cd_nn_cross_entropy_loss_with((cd_loss_options){ .target = NULL, __VA_ARGS__ })
#define cd_nn_bce_with_logits_loss(...)                                                            \
    cd_nn_bce_with_logits_loss_with((cd_loss_options){ .target = NULL, __VA_ARGS__ })

CD_END_DECLS

#endif
