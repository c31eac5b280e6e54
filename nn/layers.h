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

#include "autograd/layer_ops.h"
#include "nn/activations.h"
#include "nn/convolutions.h"
#include "nn/resampling.h"
#include "nn/containers.h"
#include "nn/losses.h"
#include "nn/module.h"
#include "nn/paddings.h"
#include "nn/pairs.h"

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

/* For .momentum of batch norm: PyTorch's momentum=None. The running statistics are then the
 * means over all batches. Such a layer cannot be captured in training mode. */
#define CD_CUMULATIVE (-1.0)

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
    bool no_affine;   /* PyTorch's affine=False: no weight and no bias */
    bool no_bias;     /* PyTorch's bias=False */
    bool no_tracking; /* PyTorch's track_running_stats=False: there are no buffers, and the
                         statistics of the batch are used in evaluation mode too */
    cd_dtype dtype;
    cd_device device;
} cd_nn_batch_norm_options;

CD_API cd_module *cd_nn_batch_norm2d_with(cd_nn_batch_norm_options options);
#define cd_nn_batch_norm2d(...)                                                                    \
    cd_nn_batch_norm2d_with((cd_nn_batch_norm_options){ .features = __VA_ARGS__ })
/* torch.nn.BatchNorm1d: the same for N x C or N x C x L. */
CD_API cd_module *cd_nn_batch_norm1d_with(cd_nn_batch_norm_options options);
#define cd_nn_batch_norm1d(...)                                                                    \
    cd_nn_batch_norm1d_with((cd_nn_batch_norm_options){ .features = __VA_ARGS__ })
/* torch.nn.BatchNorm3d: the same for N x C x D x H x W. */
CD_API cd_module *cd_nn_batch_norm3d_with(cd_nn_batch_norm_options options);
#define cd_nn_batch_norm3d(...)                                                                    \
    cd_nn_batch_norm3d_with((cd_nn_batch_norm_options){ .features = __VA_ARGS__ })

/* torch.nn.MaxPool2d: cd_nn_max_pool2d(3, .stride = 2, .padding = 1), from N x C x H x W to
 * N x C x OH x OW. It takes the options of cd_max_pool2d except .x and .indices. The padding must
 * be at most half the kernel. With .return_indices, this and the other modules of maxima give the
 * indices as a second output: cd_tensor *out[2]; cd_forward_n(m, &x, 1, out, 2). */
CD_API cd_module *cd_nn_max_pool2d_with(cd_max_pool2d_options options);
#define cd_nn_max_pool2d(...)                                                                      \
    cd_nn_max_pool2d_with((cd_max_pool2d_options){ .kernel = __VA_ARGS__ })

/* torch.nn.AdaptiveAvgPool2d: N x C x H x W -> N x C x height x width; -1 (PyTorch's None) is
 * the size of x. */
CD_API cd_module *cd_nn_adaptive_avg_pool2d(int64_t height, int64_t width);

/* torch.nn.AvgPool2d: cd_nn_avg_pool2d(2). It takes the options of cd_avg_pool2d except .x. */
CD_API cd_module *cd_nn_avg_pool2d_with(cd_avg_pool2d_options options);
#define cd_nn_avg_pool2d(...)                                                                      \
    cd_nn_avg_pool2d_with((cd_avg_pool2d_options){ .kernel = __VA_ARGS__ })

/* torch.nn.AdaptiveMaxPool2d: N x C x H x W -> N x C x height x width; -1 is the size of x. It
 * takes the options of cd_adaptive_max_pool2d except .x and .indices. */
CD_API cd_module *cd_nn_adaptive_max_pool2d_with(cd_adaptive_max_pool2d_options options);
#define cd_nn_adaptive_max_pool2d(height_, ...)                                                    \
    cd_nn_adaptive_max_pool2d_with(                                                                \
        (cd_adaptive_max_pool2d_options){ .height = height_, .width = __VA_ARGS__ })
/* torch.nn.AdaptiveAvgPool1d: N x C x L -> N x C x size. */
CD_API cd_module *cd_nn_adaptive_avg_pool1d(int64_t size);
/* torch.nn.AdaptiveMaxPool1d: likewise, with the options of cd_adaptive_max_pool1d. */
CD_API cd_module *cd_nn_adaptive_max_pool1d_with(cd_adaptive_max_pool1d_options options);
#define cd_nn_adaptive_max_pool1d(...)                                                             \
    cd_nn_adaptive_max_pool1d_with((cd_adaptive_max_pool1d_options){ .size = __VA_ARGS__ })

/* torch.nn.MaxPool1d: cd_nn_max_pool1d(2). It takes the options of cd_max_pool1d except .x and
 * .indices. */
CD_API cd_module *cd_nn_max_pool1d_with(cd_pool1d_options options);
/* torch.nn.AvgPool1d: likewise, those of cd_avg_pool1d. */
CD_API cd_module *cd_nn_avg_pool1d_with(cd_pool1d_options options);
#define cd_nn_max_pool1d(...) cd_nn_max_pool1d_with((cd_pool1d_options){ .kernel = __VA_ARGS__ })
#define cd_nn_avg_pool1d(...) cd_nn_avg_pool1d_with((cd_pool1d_options){ .kernel = __VA_ARGS__ })

/* torch.nn.MaxUnpool2d: cd_nn_max_unpool2d(2). It takes the options of cd_max_unpool2d but for .x,
 * .indices and .output_size. cd_forward(m, y, indices) unpools what a MaxPool2d with
 * .return_indices gave. */
CD_API cd_module *cd_nn_max_unpool2d_with(cd_max_unpool2d_options options);
/* torch.nn.MaxUnpool1d: likewise, those of cd_max_unpool1d. */
CD_API cd_module *cd_nn_max_unpool1d_with(cd_max_unpool1d_options options);
#define cd_nn_max_unpool2d(...)                                                                    \
    cd_nn_max_unpool2d_with((cd_max_unpool2d_options){ .kernel = __VA_ARGS__ })
#define cd_nn_max_unpool1d(...)                                                                    \
    cd_nn_max_unpool1d_with((cd_max_unpool1d_options){ .kernel = __VA_ARGS__ })

/* Options of cd_forward_unpool. */
typedef struct cd_unpool_inputs {
    cd_module *module;
    cd_tensor *x, *indices;
    CD_GUARD_;
    cd_shape output_size; /* as that of cd_max_unpool2d and cd_max_unpool1d */
} cd_unpool_inputs;

/* Calls a MaxUnpool with a size: cd_forward_unpool(m, y, indices, .output_size =
 * cd_shape_of(x)). */
CD_API cd_tensor *cd_forward_unpool_with(cd_unpool_inputs inputs);
#define cd_forward_unpool(m_, x_, ...)                                                             \
    cd_forward_unpool_with((cd_unpool_inputs){ .module = m_, .x = x_, .indices = __VA_ARGS__ })

/* torch.nn.LPPool2d: cd_nn_lp_pool2d(2, 3). It takes the options of cd_lp_pool2d except .x. p must
 * not be -INFINITY. */
CD_API cd_module *cd_nn_lp_pool2d_with(cd_lp_pool_options options);
/* torch.nn.LPPool1d: likewise, those of cd_lp_pool1d. */
CD_API cd_module *cd_nn_lp_pool1d_with(cd_lp_pool_options options);
#define cd_nn_lp_pool2d(p_, ...)                                                                   \
    cd_nn_lp_pool2d_with((cd_lp_pool_options){ .p = p_, .kernel = __VA_ARGS__ })
#define cd_nn_lp_pool1d(p_, ...)                                                                   \
    cd_nn_lp_pool1d_with((cd_lp_pool_options){ .p = p_, .kernel = __VA_ARGS__ })

/* torch.nn.Flatten: merges the dimensions from start_dim to end_dim (see cd_flatten); by default
 * all but the first, N x C x H x W -> N x CHW. Negative numbers count from the end, and CD_ZERO is
 * dimension 0: cd_nn_flatten(), cd_nn_flatten(.start_dim = CD_ZERO). */
typedef struct cd_nn_flatten_options {
    cd_tensor *x; /* NULL: a module gets its input from cd_forward */
    CD_GUARD_;
    double start_dim; /* default: 1 */
    double end_dim;   /* default: -1 */
} cd_nn_flatten_options;

CD_API cd_module *cd_nn_flatten_with(cd_nn_flatten_options options);
#define cd_nn_flatten(...) cd_nn_flatten_with((cd_nn_flatten_options){ .x = NULL, __VA_ARGS__ })

/* torch.nn.Unflatten: cd_nn_unflatten(1, CD_SHAPE(2, -1)) gives dimension dim these sizes, of which
 * one may be -1 (see cd_unflatten). */
CD_API cd_module *cd_nn_unflatten(int64_t dim, cd_shape sizes);

/* torch.nn.Dropout: cd_nn_dropout(0.5). In training mode elements of x become 0 with probability
 * p, the others are divided by 1 - p; in evaluation mode the output is x itself (see
 * cd_dropout). p is PyTorch's optional argument, which is 0.5 there by default. With .inplace
 * the input is changed. */
typedef struct cd_nn_dropout_options {
    double p;
    CD_GUARD_;
    bool inplace;
} cd_nn_dropout_options;

CD_API cd_module *cd_nn_dropout_with(cd_nn_dropout_options options);
/* torch.nn.Dropout1d: the same for whole rows of N x C x L or C x L (see cd_dropout1d). */
CD_API cd_module *cd_nn_dropout1d_with(cd_nn_dropout_options options);
/* torch.nn.Dropout2d: the same for whole planes of N x C x H x W (see cd_dropout2d). */
CD_API cd_module *cd_nn_dropout2d_with(cd_nn_dropout_options options);
/* torch.nn.Dropout3d: the same for whole volumes of N x C x D x H x W (see cd_dropout3d). */
CD_API cd_module *cd_nn_dropout3d_with(cd_nn_dropout_options options);
/* torch.nn.AlphaDropout: elements become the limit of SELU (see cd_alpha_dropout). */
CD_API cd_module *cd_nn_alpha_dropout_with(cd_nn_dropout_options options);
/* torch.nn.FeatureAlphaDropout: the same for whole features. */
CD_API cd_module *cd_nn_feature_alpha_dropout_with(cd_nn_dropout_options options);
#define cd_nn_dropout(...)   cd_nn_dropout_with((cd_nn_dropout_options){ .p = __VA_ARGS__ })
#define cd_nn_dropout1d(...) cd_nn_dropout1d_with((cd_nn_dropout_options){ .p = __VA_ARGS__ })
#define cd_nn_dropout2d(...) cd_nn_dropout2d_with((cd_nn_dropout_options){ .p = __VA_ARGS__ })
#define cd_nn_dropout3d(...) cd_nn_dropout3d_with((cd_nn_dropout_options){ .p = __VA_ARGS__ })
#define cd_nn_alpha_dropout(...)                                                                   \
    cd_nn_alpha_dropout_with((cd_nn_dropout_options){ .p = __VA_ARGS__ })
#define cd_nn_feature_alpha_dropout(...)                                                           \
    cd_nn_feature_alpha_dropout_with((cd_nn_dropout_options){ .p = __VA_ARGS__ })

/* torch.nn.LayerNorm: cd_nn_layer_norm(CD_SHAPE(6)). Normalises over the last dimensions of x,
 * which have this shape (see cd_layer_norm).
 *
 *     weight, bias   parameters of the shape, initially 1 and 0 */
typedef struct cd_nn_layer_norm_options {
    cd_shape shape; /* PyTorch's normalized_shape */
    CD_GUARD_;
    double eps;     /* default: 1e-5 */
    bool no_affine; /* PyTorch's elementwise_affine=False: there are no parameters */
    bool no_bias;
    cd_dtype dtype;
    cd_device device;
} cd_nn_layer_norm_options;

CD_API cd_module *cd_nn_layer_norm_with(cd_nn_layer_norm_options options);
#define cd_nn_layer_norm(...)                                                                      \
    (CD_SHAPE_FIRST_(__VA_ARGS__),                                                                 \
     cd_nn_layer_norm_with((cd_nn_layer_norm_options){ .shape = __VA_ARGS__ }))

/* torch.nn.LocalResponseNorm: cd_nn_local_response_norm(5) (see cd_local_response_norm, whose
 * options it takes, without .x). */
CD_API cd_module *cd_nn_local_response_norm_with(cd_local_response_norm_options options);
#define cd_nn_local_response_norm(...)                                                             \
    cd_nn_local_response_norm_with((cd_local_response_norm_options){ .size = __VA_ARGS__ })

/* torch.nn.GroupNorm: cd_nn_group_norm(4, 32). Normalises groups of channels (see cd_group_norm).
 *
 *     weight, bias   parameters of shape C, initially 1 and 0 */
typedef struct cd_nn_group_norm_options {
    int64_t groups, channels;
    CD_GUARD_;
    double eps;     /* default: 1e-5 */
    bool no_affine; /* PyTorch's affine=False: there are no parameters */
    bool no_bias;
    cd_dtype dtype;
    cd_device device;
} cd_nn_group_norm_options;

CD_API cd_module *cd_nn_group_norm_with(cd_nn_group_norm_options options);
#define cd_nn_group_norm(groups_, ...)                                                             \
    cd_nn_group_norm_with((cd_nn_group_norm_options){ .groups = groups_, .channels = __VA_ARGS__ })

/* torch.nn.InstanceNorm2d: cd_nn_instance_norm2d(3). Normalises each channel of each sample (see
 * cd_instance_norm); x is N x C x H x W, or without a batch C x H x W.
 *
 *     weight, bias               with .affine: parameters of shape C, initially 1 and 0
 *     running_mean, running_var  with .tracking: buffers of shape C, initially 0 and 1
 *     num_batches_tracked        with .tracking: a buffer, 0-d int64, which stays 0, as in PyTorch
 *
 * With .tracking the layer moves the running statistics in training mode, and normalises with them
 * in evaluation mode. A module without .affine takes any number of channels, with a warning. */
typedef struct cd_nn_instance_norm_options {
    int64_t features;
    CD_GUARD_;
    CD_BATCH_NORM_OPTIONS; /* momentum may be CD_CUMULATIVE, PyTorch's None: it counts as 0 */
    bool affine;           /* there are a weight and a bias */
    bool no_bias;          /* PyTorch's bias=False */
    bool tracking;         /* PyTorch's track_running_stats=True */
    cd_dtype dtype;
    cd_device device;
} cd_nn_instance_norm_options;

CD_API cd_module *cd_nn_instance_norm2d_with(cd_nn_instance_norm_options options);
#define cd_nn_instance_norm2d(...)                                                                 \
    cd_nn_instance_norm2d_with((cd_nn_instance_norm_options){ .features = __VA_ARGS__ })
/* torch.nn.InstanceNorm1d: the same for N x C x L or C x L. */
CD_API cd_module *cd_nn_instance_norm1d_with(cd_nn_instance_norm_options options);
#define cd_nn_instance_norm1d(...)                                                                 \
    cd_nn_instance_norm1d_with((cd_nn_instance_norm_options){ .features = __VA_ARGS__ })
/* torch.nn.InstanceNorm3d: the same for N x C x D x H x W or C x D x H x W. */
CD_API cd_module *cd_nn_instance_norm3d_with(cd_nn_instance_norm_options options);
#define cd_nn_instance_norm3d(...)                                                                 \
    cd_nn_instance_norm3d_with((cd_nn_instance_norm_options){ .features = __VA_ARGS__ })

/* torch.nn.RMSNorm: cd_nn_rms_norm(CD_SHAPE(6)). Divides by the root mean square over the last
 * dimensions (see cd_rms_norm).
 *
 *     weight   a parameter of the shape, initially 1 */
typedef struct cd_nn_rms_norm_options {
    cd_shape shape; /* PyTorch's normalized_shape */
    CD_GUARD_;
    double eps;     /* default: the epsilon of x's dtype */
    bool no_affine; /* PyTorch's elementwise_affine=False: there is no weight */
    cd_dtype dtype;
    cd_device device;
} cd_nn_rms_norm_options;

CD_API cd_module *cd_nn_rms_norm_with(cd_nn_rms_norm_options options);
#define cd_nn_rms_norm(...)                                                                        \
    (CD_SHAPE_FIRST_(__VA_ARGS__),                                                                 \
     cd_nn_rms_norm_with((cd_nn_rms_norm_options){ .shape = __VA_ARGS__ }))

/* torch.nn.Embedding: cd_nn_embedding(1000, 64). Vectors by index (see cd_embedding).
 *
 *     weight   a parameter, num_embeddings x embedding_dim, initially normal with mean 0 and
 *              deviation 1; the padding's row 0 */
typedef struct cd_nn_embedding_options {
    int64_t num_embeddings, embedding_dim;
    CD_GUARD_;
    bool padding;        /* the row padding_idx is not trained */
    int64_t padding_idx; /* only with .padding = true; -1 is the last */
    bool scale_grad_by_freq;
    cd_dtype dtype;
    cd_device device;
} cd_nn_embedding_options;

CD_API cd_module *cd_nn_embedding_with(cd_nn_embedding_options options);
#define cd_nn_embedding(num_, ...)                                                                 \
    cd_nn_embedding_with(                                                                          \
        (cd_nn_embedding_options){ .num_embeddings = num_, .embedding_dim = __VA_ARGS__ })

/* torch.nn.Embedding.from_pretrained: an embedding with this weight, whose memory it shares. The
 * weight does not require gradients, unless .unfrozen (PyTorch's freeze=False) says so. */
typedef struct cd_nn_embedding_from_options {
    cd_tensor *weight;
    CD_GUARD_;
    bool unfrozen, padding;
    int64_t padding_idx;
    bool scale_grad_by_freq;
} cd_nn_embedding_from_options;

CD_API cd_module *cd_nn_embedding_from_pretrained_with(cd_nn_embedding_from_options options);
#define cd_nn_embedding_from_pretrained(...)                                                       \
    cd_nn_embedding_from_pretrained_with((cd_nn_embedding_from_options){ .weight = __VA_ARGS__ })

CD_END_DECLS

#endif
