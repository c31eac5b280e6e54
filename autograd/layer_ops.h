/* The functions of layers beyond those in ops.h: dropout, normalisation, embedding, pooling. The
 * rules of ops.h hold here too. docs/ops.md has each with its formula and gradient. */
#ifndef CANDELA_AUTOGRAD_LAYER_OPS_H
#define CANDELA_AUTOGRAD_LAYER_OPS_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* --- dropout ---------------------------------------------------------------------------------- */

/* Options of dropout and its relatives. */
typedef struct cd_dropout_options {
    cd_tensor *x;
    CD_GUARD_;
    double
        p; /* the probability of an element to become 0; default, and for 0: 0.5; CD_ZERO for 0 */
    bool eval;               /* PyTorch's training=False: x itself is returned */
    cd_generator *generator; /* default: the process's own */
} cd_dropout_options;

/* torch.nn.functional.dropout: cd_dropout(x, .p = 0.2). Each element becomes 0 with probability p;
 * the others are divided by 1 - p. Floating dtypes. PyTorch's numbers for the same seed, drawn in
 * the order in which the elements are in memory. With p = 0 (CD_ZERO), with .eval and for an empty
 * x the result is x itself, and nothing is drawn; nothing is drawn for p = 1 either. */
CD_API cd_tensor *cd_dropout_with(cd_dropout_options options);
/* torch.nn.functional.dropout1d: drops whole rows of x, N x C x L or C x L. */
CD_API cd_tensor *cd_dropout1d_with(cd_dropout_options options);
/* torch.nn.functional.dropout2d: drops whole planes of x, N x C x H x W. A tensor of three
 * dimensions counts as N x C x L, as in PyTorch; other numbers of dimensions from 2 on are taken as
 * N x C x ... with a warning. */
CD_API cd_tensor *cd_dropout2d_with(cd_dropout_options options);
/* torch.nn.functional.dropout3d: drops whole volumes of x, N x C x D x H x W or C x D x H x W. */
CD_API cd_tensor *cd_dropout3d_with(cd_dropout_options options);
/* torch.nn.functional.alpha_dropout(training=True), which is not PyTorch's default: the elements
 * that are dropped get the value to which SELU saturates; then all are scaled so that mean 0 and
 * variance 1 stay. */
CD_API cd_tensor *cd_alpha_dropout_with(cd_dropout_options options);
/* torch.nn.functional.feature_alpha_dropout(training=True): the same for whole features of x, N
 * x C x ... */
CD_API cd_tensor *cd_feature_alpha_dropout_with(cd_dropout_options options);
#define cd_dropout(...)       cd_dropout_with((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_dropout1d(...)     cd_dropout1d_with((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_dropout2d(...)     cd_dropout2d_with((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_dropout3d(...)     cd_dropout3d_with((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_alpha_dropout(...) cd_alpha_dropout_with((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_feature_alpha_dropout(...)                                                              \
    cd_feature_alpha_dropout_with((cd_dropout_options){ .x = __VA_ARGS__ })

/* The same in place (PyTorch's inplace=True): x is changed and returned. */
CD_API cd_tensor *cd_dropout_with_(cd_dropout_options options);
CD_API cd_tensor *cd_dropout1d_with_(cd_dropout_options options);
CD_API cd_tensor *cd_dropout2d_with_(cd_dropout_options options);
CD_API cd_tensor *cd_dropout3d_with_(cd_dropout_options options);
CD_API cd_tensor *cd_alpha_dropout_with_(cd_dropout_options options);
CD_API cd_tensor *cd_feature_alpha_dropout_with_(cd_dropout_options options);
#define cd_dropout_(...)       cd_dropout_with_((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_dropout1d_(...)     cd_dropout1d_with_((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_dropout2d_(...)     cd_dropout2d_with_((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_dropout3d_(...)     cd_dropout3d_with_((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_alpha_dropout_(...) cd_alpha_dropout_with_((cd_dropout_options){ .x = __VA_ARGS__ })
#define cd_feature_alpha_dropout_(...)                                                             \
    cd_feature_alpha_dropout_with_((cd_dropout_options){ .x = __VA_ARGS__ })

/* --- normalisation ---------------------------------------------------------------------------- */

/* Options of cd_layer_norm and cd_rms_norm. */
typedef struct cd_layer_norm_options {
    cd_tensor *x;
    cd_shape shape; /* PyTorch's normalized_shape: the last dimensions of x, one or more of them */
    CD_GUARD_;
    cd_tensor *weight, *bias; /* of that shape; default: 1 and 0. rms_norm has no bias */
    double eps; /* default, and for 0: 1e-5; of rms_norm the epsilon of x's dtype. CD_ZERO for 0 */
} cd_layer_norm_options;

/* torch.nn.functional.layer_norm: cd_layer_norm(x, CD_SHAPE(6), .weight = w, .bias = b).
 *
 * (x - mean) / sqrt(var + eps) * weight + bias, with the mean and the biased variance over the last
 * dimensions. All inputs have one floating dtype. An eps below 0 is CD_ERR_ARGUMENT. */
CD_API cd_tensor *cd_layer_norm_with(cd_layer_norm_options options);
/* torch.nn.functional.rms_norm: x / sqrt(mean of x^2 + eps) * weight, likewise. */
CD_API cd_tensor *cd_rms_norm_with(cd_layer_norm_options options);
#define cd_layer_norm(x_, ...)                                                                     \
    (CD_SHAPE_FIRST_(__VA_ARGS__),                                                                 \
     cd_layer_norm_with((cd_layer_norm_options){ .x = x_, .shape = __VA_ARGS__ }))
#define cd_rms_norm(x_, ...)                                                                       \
    (CD_SHAPE_FIRST_(__VA_ARGS__),                                                                 \
     cd_rms_norm_with((cd_layer_norm_options){ .x = x_, .shape = __VA_ARGS__ }))

/* Options of cd_group_norm. */
typedef struct cd_group_norm_options {
    cd_tensor *x;   /* N x C x ... */
    int64_t groups; /* of the channels, in order; C must be divisible by it */
    CD_GUARD_;
    cd_tensor *weight, *bias; /* C each; default: 1 and 0 */
    double eps;               /* default, and for 0: 1e-5; CD_ZERO for 0 */
} cd_group_norm_options;

/* torch.nn.functional.group_norm: cd_group_norm(x, 8, .weight = w, .bias = b). For each image and
 * group of channels (x - mean) / sqrt(var + eps), with the biased variance; then times the weight
 * and plus the bias of the channel. */
CD_API cd_tensor *cd_group_norm_with(cd_group_norm_options options);
#define cd_group_norm(x_, ...)                                                                     \
    cd_group_norm_with((cd_group_norm_options){ .x = x_, .groups = __VA_ARGS__ })

/* Options of cd_instance_norm. */
typedef struct cd_instance_norm_options {
    cd_tensor *x; /* N x C x ... */
    CD_GUARD_;
    cd_tensor *running_mean, *running_var; /* C each; default: none */
    cd_tensor *weight, *bias;              /* C each; default: 1 and 0 */
    bool no_input_stats; /* PyTorch's use_input_stats=False: normalise by the running statistics */
    double momentum;     /* default, and for 0: 0.1; CD_ZERO for 0 */
    double eps;          /* default, and for 0: 1e-5; CD_ZERO for 0 */
} cd_instance_norm_options;

/* torch.nn.functional.instance_norm: cd_instance_norm(x, .weight = w, .bias = b). For each sample
 * and channel (x - mean) / sqrt(var + eps) * weight + bias, with the sample's own mean and biased
 * variance.
 *
 * Running statistics that are given move as those of cd_batch_norm do, by the means over the
 * samples. A channel of one element is CD_ERR_SHAPE without .no_input_stats. */
CD_API cd_tensor *cd_instance_norm_with(cd_instance_norm_options options);
#define cd_instance_norm(...) cd_instance_norm_with((cd_instance_norm_options){ .x = __VA_ARGS__ })

/* Options of cd_local_response_norm. */
typedef struct cd_local_response_norm_options {
    cd_tensor *x; /* N x C x ... */
    int64_t size; /* how many channels count */
    CD_GUARD_;
    double alpha, beta, k; /* default, and for 0: 1e-4, 0.75, 1; CD_ZERO for 0 */
} cd_local_response_norm_options;

/* torch.nn.functional.local_response_norm: cd_local_response_norm(x, 5). x / (k + alpha m)^beta,
 * with m the mean of the squares of `size` neighbouring channels. */
CD_API cd_tensor *cd_local_response_norm_with(cd_local_response_norm_options options);
#define cd_local_response_norm(x_, ...)                                                            \
    cd_local_response_norm_with((cd_local_response_norm_options){ .x = x_, .size = __VA_ARGS__ })

/* --- embedding -------------------------------------------------------------------------------- */

/* Options of cd_embedding. */
typedef struct cd_embedding_options {
    cd_tensor *index;  /* int64 or int32, of any shape */
    cd_tensor *weight; /* N x D */
    CD_GUARD_;
    bool padding;            /* row padding_idx of the weight gets no gradient */
    int64_t padding_idx;     /* only with .padding = true; -1 is the last */
    bool scale_grad_by_freq; /* a row's gradient is divided by how often the index names it */
    double max_norm;         /* PyTorch has it; here CD_ERR_ARGUMENT unless it is left out */
} cd_embedding_options;

/* torch.nn.functional.embedding: cd_embedding(index, weight). The rows of weight that the index
 * names: in the shape of the index, and D in addition. An index that is not from 0 to N - 1 is
 * CD_ERR_ARGUMENT. */
CD_API cd_tensor *cd_embedding_with(cd_embedding_options options);
#define cd_embedding(index_, ...)                                                                  \
    cd_embedding_with((cd_embedding_options){ .index = index_, .weight = __VA_ARGS__ })

/* --- pooling ---------------------------------------------------------------------------------- */

/* cd_max_pool2d and cd_adaptive_avg_pool2d are in ops.h. */

/* Options of cd_avg_pool2d. */
typedef struct cd_avg_pool2d_options {
    cd_tensor *x; /* N x C x H x W, or C x H x W */
    int64_t kernel;
    CD_GUARD_;
    int64_t stride, padding;               /* default, and for 0: kernel, 0 */
    int64_t kernel_w, stride_w, padding_w; /* default: as for the height */
    bool padding_w_is_zero;                /* padding_w = 0 though padding is not */
    bool ceil_mode;                        /* a last window that is not complete counts too */
    bool exclude_padding;     /* PyTorch's count_include_pad=False: divide by the elements of x */
    int64_t divisor_override; /* what sums are divided by; default: the size of the window */
} cd_avg_pool2d_options;

/* torch.nn.functional.avg_pool2d: cd_avg_pool2d(x, 2). The mean of each window, in which the
 * padding is 0. Floating dtypes. */
CD_API cd_tensor *cd_avg_pool2d_with(cd_avg_pool2d_options options);
#define cd_avg_pool2d(x_, ...)                                                                     \
    cd_avg_pool2d_with((cd_avg_pool2d_options){ .x = x_, .kernel = __VA_ARGS__ })

/* Options of cd_adaptive_max_pool2d. */
typedef struct cd_adaptive_max_pool2d_options {
    cd_tensor *x;          /* N x C x H x W, or C x H x W */
    int64_t height, width; /* of the result; -1 (PyTorch's None): as x */
    CD_GUARD_;
    cd_tensor **indices; /* where to put the int64 indices into H x W; default: no indices */
    bool return_indices; /* of the module: the indices are its second output */
} cd_adaptive_max_pool2d_options;

/* torch.nn.functional.adaptive_max_pool2d: cd_adaptive_max_pool2d(x, 7, 7). The maxima of the
 * windows of cd_adaptive_avg_pool2d. */
CD_API cd_tensor *cd_adaptive_max_pool2d_with(cd_adaptive_max_pool2d_options options);
#define cd_adaptive_max_pool2d(x_, height_, ...)                                                   \
    cd_adaptive_max_pool2d_with(                                                                   \
        (cd_adaptive_max_pool2d_options){ .x = x_, .height = height_, .width = __VA_ARGS__ })

/* Options of pools along one dimension; x is N x C x L, or C x L. */
typedef struct cd_pool1d_options {
    cd_tensor *x;
    int64_t kernel;
    CD_GUARD_;
    int64_t stride, padding,
        dilation; /* default, and for 0: kernel, 0, 1; dilation of max_pool1d */
    bool ceil_mode;
    bool exclude_padding; /* avg_pool1d: PyTorch's count_include_pad=False */
    cd_tensor **indices;  /* max_pool1d: where to put the int64 indices into L */
    bool return_indices;  /* of the module MaxPool1d: the indices are its second output */
} cd_pool1d_options;

/* torch.nn.functional.max_pool1d: cd_max_pool1d(x, 2). */
CD_API cd_tensor *cd_max_pool1d_with(cd_pool1d_options options);
/* torch.nn.functional.avg_pool1d: cd_avg_pool1d(x, 2). */
CD_API cd_tensor *cd_avg_pool1d_with(cd_pool1d_options options);
#define cd_max_pool1d(x_, ...)                                                                     \
    cd_max_pool1d_with((cd_pool1d_options){ .x = x_, .kernel = __VA_ARGS__ })
#define cd_avg_pool1d(x_, ...)                                                                     \
    cd_avg_pool1d_with((cd_pool1d_options){ .x = x_, .kernel = __VA_ARGS__ })

/* torch.nn.functional.adaptive_avg_pool1d: means over windows, so that the result is N x C x size.
 */
CD_API cd_tensor *cd_adaptive_avg_pool1d(cd_tensor *x, int64_t size);

/* Options of cd_adaptive_max_pool1d. */
typedef struct cd_adaptive_max_pool1d_options {
    cd_tensor *x; /* N x C x L, or C x L */
    int64_t size;
    CD_GUARD_;
    cd_tensor **indices; /* where to put the int64 indices into L; default: no indices */
    bool return_indices; /* of the module: the indices are its second output */
} cd_adaptive_max_pool1d_options;

/* torch.nn.functional.adaptive_max_pool1d: the maxima of the same windows. */
CD_API cd_tensor *cd_adaptive_max_pool1d_with(cd_adaptive_max_pool1d_options options);
#define cd_adaptive_max_pool1d(x_, ...)                                                            \
    cd_adaptive_max_pool1d_with((cd_adaptive_max_pool1d_options){ .x = x_, .size = __VA_ARGS__ })

/* Options of cd_max_unpool2d. */
typedef struct cd_max_unpool2d_options {
    cd_tensor *x;       /* N x C x H x W, or C x H x W */
    cd_tensor *indices; /* int64, of the shape of x */
    int64_t kernel;
    CD_GUARD_;
    int64_t stride, padding;               /* default, and for 0: kernel, 0 */
    int64_t kernel_w, stride_w, padding_w; /* default: as for the height */
    bool padding_w_is_zero;                /* padding_w = 0 though padding is not */
    cd_shape output_size; /* OH x OW, or N x C x OH x OW: less than a stride away from the default,
                             (H - 1) stride - 2 padding + kernel */
} cd_max_unpool2d_options;

/* torch.nn.functional.max_unpool2d: cd_max_unpool2d(y, indices, 2, .output_size = cd_shape_of(x)).
 * Zeros, N x C x OH x OW, with each element of x at its index into OH x OW. Of elements with one
 * index the last one stays, and each of them has the gradient of that place. An index outside the
 * plane is CD_ERR_ARGUMENT. Floating dtypes. */
CD_API cd_tensor *cd_max_unpool2d_with(cd_max_unpool2d_options options);
#define cd_max_unpool2d(x_, indices_, ...)                                                         \
    cd_max_unpool2d_with(                                                                          \
        (cd_max_unpool2d_options){ .x = x_, .indices = indices_, .kernel = __VA_ARGS__ })

/* Options of cd_max_unpool1d; x is N x C x L, or C x L. */
typedef struct cd_max_unpool1d_options {
    cd_tensor *x, *indices;
    int64_t kernel;
    CD_GUARD_;
    int64_t stride, padding;
    cd_shape output_size; /* OL, or N x C x OL */
} cd_max_unpool1d_options;

/* torch.nn.functional.max_unpool1d: likewise, along one dimension. */
CD_API cd_tensor *cd_max_unpool1d_with(cd_max_unpool1d_options options);
#define cd_max_unpool1d(x_, indices_, ...)                                                         \
    cd_max_unpool1d_with(                                                                          \
        (cd_max_unpool1d_options){ .x = x_, .indices = indices_, .kernel = __VA_ARGS__ })

/* Options of cd_lp_pool2d and cd_lp_pool1d. */
typedef struct cd_lp_pool_options {
    cd_tensor *x;
    double p; /* not 0 */
    int64_t kernel;
    CD_GUARD_;
    int64_t stride;             /* default, and for 0: kernel */
    int64_t kernel_w, stride_w; /* of lp_pool2d; default: as for the height */
    bool ceil_mode;
} cd_lp_pool_options;

/* torch.nn.functional.lp_pool2d: cd_lp_pool2d(x, 2, 3). (sum of x^p)^(1/p) over each window; NaN
 * where the sum is negative, as it may be for an odd p. For INFINITY the largest |x|, for -INFINITY
 * the smallest. */
CD_API cd_tensor *cd_lp_pool2d_with(cd_lp_pool_options options);
/* torch.nn.functional.lp_pool1d: the same along one dimension. */
CD_API cd_tensor *cd_lp_pool1d_with(cd_lp_pool_options options);
#define cd_lp_pool2d(x_, p_, ...)                                                                  \
    cd_lp_pool2d_with((cd_lp_pool_options){ .x = x_, .p = p_, .kernel = __VA_ARGS__ })
#define cd_lp_pool1d(x_, p_, ...)                                                                  \
    cd_lp_pool1d_with((cd_lp_pool_options){ .x = x_, .p = p_, .kernel = __VA_ARGS__ })

CD_END_DECLS

#endif
