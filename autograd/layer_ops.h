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
/* torch.nn.functional.alpha_dropout: the elements that are dropped get the value to which SELU
 * saturates; then all are scaled so that mean 0 and variance 1 stay. */
CD_API cd_tensor *cd_alpha_dropout_with(cd_dropout_options options);
/* torch.nn.functional.feature_alpha_dropout: the same for whole features of x, N x C x ... */
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
    cd_layer_norm_with((cd_layer_norm_options){ .x = x_, .shape = __VA_ARGS__ })
#define cd_rms_norm(x_, ...)                                                                       \
    cd_rms_norm_with((cd_layer_norm_options){ .x = x_, .shape = __VA_ARGS__ })

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

CD_END_DECLS

#endif
