/* Layers that compare or combine two inputs: cd_forward(m, x1, x2). What nn/layers.h says of layers
 * holds here too. */
#ifndef CANDELA_NN_PAIRS_H
#define CANDELA_NN_PAIRS_H

#include "autograd/distance_ops.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* torch.nn.Bilinear: y[k] = x1 weight[k] x2^T + bias[k] (see cd_bilinear).
 *
 *     x1, x2  ... x in1_features and ... x in2_features
 *     y       ... x out_features
 *     weight  out_features x in1_features x in2_features
 *     bias    out_features
 *
 * weight and bias are initialised uniformly in +-1/sqrt(in1_features), with the numbers that
 * PyTorch draws from the same seed. in1_features must be 1 or more. */
typedef struct cd_nn_bilinear_options {
    int64_t in1_features, in2_features, out_features;
    CD_GUARD_;
    bool no_bias;
    cd_dtype dtype; /* default: f32 */
    cd_device device;
} cd_nn_bilinear_options;

CD_API cd_module *cd_nn_bilinear_with(cd_nn_bilinear_options options);
#define cd_nn_bilinear(in1_, in2_, ...)                                                            \
    cd_nn_bilinear_with((cd_nn_bilinear_options){                                                  \
        .in1_features = in1_, .in2_features = in2_, .out_features = __VA_ARGS__ })

/* torch.nn.CosineSimilarity: cd_nn_cosine_similarity(.dims = CD_DIMS(-1)). It takes the options of
 * cd_cosine_similarity except .x1 and .x2. */
CD_API cd_module *cd_nn_cosine_similarity_with(cd_cosine_similarity_options options);
#define cd_nn_cosine_similarity(...)                                                               \
    cd_nn_cosine_similarity_with((cd_cosine_similarity_options){ .x2 = NULL, __VA_ARGS__ })
/* torch.nn.PairwiseDistance: likewise, those of cd_pairwise_distance. p must not be -INFINITY. */
CD_API cd_module *cd_nn_pairwise_distance_with(cd_pairwise_distance_options options);
#define cd_nn_pairwise_distance(...)                                                               \
    cd_nn_pairwise_distance_with((cd_pairwise_distance_options){ .x2 = NULL, __VA_ARGS__ })

CD_END_DECLS

#endif
