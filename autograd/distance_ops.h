/* Distances between vectors, and vectors of length 1. */
#ifndef CANDELA_AUTOGRAD_DISTANCE_OPS_H
#define CANDELA_AUTOGRAD_DISTANCE_OPS_H

#include "autograd/ops.h"
#include "autograd/reduction.h"

CD_BEGIN_DECLS

/* Options of cd_normalize. */
typedef struct cd_normalize_options {
    cd_tensor *x;
    CD_GUARD_;
    double p;     /* of the norm; default, and for 0: 2; CD_ZERO for 0 */
    cd_dims dims; /* default: dimension 1 */
    double eps;   /* the least norm to divide by; default, and for 0: 1e-12; CD_ZERO for 0 */
} cd_normalize_options;

/* torch.nn.functional.normalize: x divided by its norm along dimensions. Floating dtypes. */
CD_API cd_tensor *cd_normalize_with(cd_normalize_options options);
#define cd_normalize(...) cd_normalize_with((cd_normalize_options){ .x = __VA_ARGS__ })

/* Options of cd_cosine_similarity. */
typedef struct cd_cosine_similarity_options {
    cd_tensor *x1, *x2; /* broadcast to one shape */
    CD_GUARD_;
    cd_dims dims; /* one dimension of that shape; default: dimension 1 */
    double eps;   /* the least norm to divide by; default, and for 0: 1e-8; CD_ZERO for 0 */
} cd_cosine_similarity_options;

/* torch.nn.functional.cosine_similarity: the sum of x1 x2 along a dimension, of which each is
 * divided by its norm. The promoted dtype must be floating. */
CD_API cd_tensor *cd_cosine_similarity_with(cd_cosine_similarity_options options);
#define cd_cosine_similarity(x1_, ...)                                                             \
    cd_cosine_similarity_with((cd_cosine_similarity_options){ .x1 = x1_, .x2 = __VA_ARGS__ })

/* Options of cd_pairwise_distance. */
typedef struct cd_pairwise_distance_options {
    cd_tensor *x1, *x2; /* broadcast to one shape */
    CD_GUARD_;
    double p;     /* of the norm; default, and for 0: 2; CD_ZERO for 0 */
    double eps;   /* added to each difference; default, and for 0: 1e-6; CD_ZERO for 0 */
    bool keepdim; /* the last dimension stays, with size 1 */
} cd_pairwise_distance_options;

/* torch.nn.functional.pairwise_distance: the norm of x1 - x2 + eps along the last dimension. */
CD_API cd_tensor *cd_pairwise_distance_with(cd_pairwise_distance_options options);
#define cd_pairwise_distance(x1_, ...)                                                             \
    cd_pairwise_distance_with((cd_pairwise_distance_options){ .x1 = x1_, .x2 = __VA_ARGS__ })

/* How distances with p = 2 are computed (PyTorch's compute_mode). By a product, with |a - b|^2 =
 * |a|^2 - 2 a b + |b|^2, they take a fraction of the time, and are less exact where a and b are
 * close to each other or far from 0. */
typedef enum cd_cdist_mode {
    CD_CDIST_AUTO = 0,   /* "use_mm_for_euclid_dist_if_necessary": if P or R is above 25 */
    CD_CDIST_PRODUCT,    /* "use_mm_for_euclid_dist" */
    CD_CDIST_DIFFERENCES /* "donot_use_mm_for_euclid_dist" */
} cd_cdist_mode;

/* Options of cd_cdist. */
typedef struct cd_cdist_options {
    cd_tensor *x1, *x2; /* ... x P x M and ... x R x M */
    CD_GUARD_;
    double p; /* of the norm, 0 or more; default, and for 0: 2; CD_ZERO for 0 */
    cd_cdist_mode mode;
} cd_cdist_options;

/* torch.cdist: the distances between the rows of x1 and of x2, ... x P x R, by the p-norm of their
 * difference. The dimensions before the last two broadcast. Floating dtypes, the same for both. */
CD_API cd_tensor *cd_cdist_with(cd_cdist_options options);
#define cd_cdist(x1_, ...) cd_cdist_with((cd_cdist_options){ .x1 = x1_, .x2 = __VA_ARGS__ })

/* Options of cd_pdist. */
typedef struct cd_pdist_options {
    cd_tensor *x; /* N x M */
    CD_GUARD_;
    double p; /* of the norm, 0 or more; default, and for 0: 2; CD_ZERO for 0 */
} cd_pdist_options;

/* torch.nn.functional.pdist: the distances between all pairs of rows, of row 0 to those after it,
 * then of row 1, and so on: a vector of N (N - 1) / 2. Floating dtypes. */
CD_API cd_tensor *cd_pdist_with(cd_pdist_options options);
#define cd_pdist(...) cd_pdist_with((cd_pdist_options){ .x = __VA_ARGS__ })

/* Options of cd_dist. */
typedef struct cd_dist_options {
    cd_tensor *a, *b;
    CD_GUARD_;
    double p; /* of the norm; default, and for 0: 2; CD_ZERO for 0 */
} cd_dist_options;

/* torch.dist: the p-norm of a - b, which broadcast, 0-d. The promoted dtype must be floating. */
CD_API cd_tensor *cd_dist_with(cd_dist_options options);
#define cd_dist(a_, ...) cd_dist_with((cd_dist_options){ .a = a_, .b = __VA_ARGS__ })

/* torch.renorm: x, with each part at an index of dimension dim whose p-norm is above maxnorm scaled
 * down to it. p must be above 0, maxnorm 0 or more, and x has 2 dimensions or more. Floating
 * dtypes. */
CD_API cd_tensor *cd_renorm(cd_tensor *x, double p, int dim, double maxnorm);
CD_API cd_tensor *cd_renorm_(cd_tensor *x, double p, int dim, double maxnorm);

CD_END_DECLS

#endif
