/* More losses. As with cd_mse_loss, which ops.h declares with three others, a call names its
 * tensors first and then its options: cd_huber_loss(prediction, target, .delta = 0.5). Each loss
 * returns the mean of its elements; .reduction = CD_SUM asks for the sum, CD_NONE for all of
 * them. Tensors broadcast, and integers beside a floating tensor are converted, except where a
 * comment says that they are not. A loss names the tensors that differ in shape in its error,
 * which is CD_ERR_SHAPE. */
#ifndef CANDELA_AUTOGRAD_LOSS_OPS_H
#define CANDELA_AUTOGRAD_LOSS_OPS_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* --- distances of numbers --------------------------------------------------------------------- */

/* torch.nn.functional.l1_loss: |input - target|. With .weight, which has the input's shape,
 * weighted elements; the mean is their sum over the sum of the weights. */
CD_API cd_tensor *cd_l1_loss_with(cd_loss_options options);
#define cd_l1_loss(input_, ...)                                                                    \
    cd_l1_loss_with((cd_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* Options of cd_smooth_l1_loss. */
typedef struct cd_smooth_l1_loss_options {
    cd_tensor *input, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    double beta;            /* default, and for 0: 1; CD_ZERO for 0 */
} cd_smooth_l1_loss_options;

/* torch.nn.functional.smooth_l1_loss, of d = |input - target|: d^2 / (2 beta) for d below beta,
 * d - beta / 2 from there on. For a beta of 0 it is cd_l1_loss. */
CD_API cd_tensor *cd_smooth_l1_loss_with(cd_smooth_l1_loss_options options);
#define cd_smooth_l1_loss(input_, ...)                                                             \
    cd_smooth_l1_loss_with((cd_smooth_l1_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* Options of cd_huber_loss. */
typedef struct cd_huber_loss_options {
    cd_tensor *input, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    double delta;           /* above 0; default, and for 0: 1 */
    cd_tensor *weight;      /* of the input's shape: of each element */
} cd_huber_loss_options;

/* torch.nn.functional.huber_loss, of d = |input - target|: d^2 / 2 up to delta, and
 * delta (d - delta / 2) from there on. The mean of weighted elements is over their number, not over
 * their weights. */
CD_API cd_tensor *cd_huber_loss_with(cd_huber_loss_options options);
#define cd_huber_loss(input_, ...)                                                                 \
    cd_huber_loss_with((cd_huber_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* --- probabilities ---------------------------------------------------------------------------- */

/* torch.nn.functional.binary_cross_entropy, of probabilities x and targets t of the same shape
 * and dtype: -t log(x) - (1 - t) log(1 - x), logarithms being -100 at least. An x or t
 * that is not from 0 to 1 is CD_ERR_ARGUMENT. .weight broadcasts to x. */
CD_API cd_tensor *cd_binary_cross_entropy_with(cd_loss_options options);
#define cd_binary_cross_entropy(input_, ...)                                                       \
    cd_binary_cross_entropy_with((cd_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* Options of cd_kl_div. */
typedef struct cd_kl_div_options {
    cd_tensor *input, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN, over all elements */
    bool batchmean;  /* PyTorch's reduction 'batchmean': the sum, divided by the first size of
                               the input. Not with .reduction */
    bool log_target; /* the target has logarithms, as the input has */
} cd_kl_div_options;

/* torch.nn.functional.kl_div, of logarithms x of probabilities, and probabilities t:
 * t (log(t) - x). */
CD_API cd_tensor *cd_kl_div_with(cd_kl_div_options options);
#define cd_kl_div(input_, ...)                                                                     \
    cd_kl_div_with((cd_kl_div_options){ .input = input_, .target = __VA_ARGS__ })

/* Options of cd_poisson_nll_loss. */
typedef struct cd_poisson_nll_loss_options {
    cd_tensor *input, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    bool no_log_input;      /* the input is the rate itself; default: its logarithm */
    bool full;              /* add Stirling's term for targets above 1 */
    double eps;             /* added to a rate before its logarithm; default: 1e-8; CD_ZERO for 0 */
} cd_poisson_nll_loss_options;

/* torch.nn.functional.poisson_nll_loss: exp(x) - t x, or of a rate x - t log(x + eps). */
CD_API cd_tensor *cd_poisson_nll_loss_with(cd_poisson_nll_loss_options options);
#define cd_poisson_nll_loss(input_, ...)                                                           \
    cd_poisson_nll_loss_with(                                                                      \
        (cd_poisson_nll_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* Options of cd_gaussian_nll_loss. */
typedef struct cd_gaussian_nll_loss_options {
    cd_tensor *input, *target, *var;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    bool full;              /* add log(2 pi) / 2 */
    double eps;             /* the least variance; default, and for 0: 1e-6 */
} cd_gaussian_nll_loss_options;

/* torch.nn.functional.gaussian_nll_loss: (log(v) + (x - t)^2 / v) / 2, where v is var, but eps at
 * least. var has the shape of the input, or one of its sizes is 1 instead, or the last one is left
 * out. A negative var is CD_ERR_ARGUMENT. */
CD_API cd_tensor *cd_gaussian_nll_loss_with(cd_gaussian_nll_loss_options options);
#define cd_gaussian_nll_loss(input_, target_, ...)                                                 \
    cd_gaussian_nll_loss_with(                                                                     \
        (cd_gaussian_nll_loss_options){ .input = input_, .target = target_, .var = __VA_ARGS__ })

/* torch.nn.functional.multilabel_soft_margin_loss: cd_binary_cross_entropy_with_logits, averaged
 * over the last dimension. .weight broadcasts. */
CD_API cd_tensor *cd_multilabel_soft_margin_loss_with(cd_loss_options options);
#define cd_multilabel_soft_margin_loss(input_, ...)                                                \
    cd_multilabel_soft_margin_loss_with((cd_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* --- margins: targets are 1 and -1 ------------------------------------------------------------ */

/* torch.nn.functional.soft_margin_loss: log(1 + exp(-t x)). The target gets no gradient. */
CD_API cd_tensor *cd_soft_margin_loss_with(cd_loss_options options);
#define cd_soft_margin_loss(input_, ...)                                                           \
    cd_soft_margin_loss_with((cd_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* Options of cd_hinge_embedding_loss. */
typedef struct cd_hinge_embedding_loss_options {
    cd_tensor *input, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    double margin;          /* default, and for 0: 1; CD_ZERO for 0 */
} cd_hinge_embedding_loss_options;

/* torch.nn.functional.hinge_embedding_loss, of distances x: x where the target is 1,
 * max(0, margin - x) where it is -1, and the sum of both for other targets. */
CD_API cd_tensor *cd_hinge_embedding_loss_with(cd_hinge_embedding_loss_options options);
#define cd_hinge_embedding_loss(input_, ...)                                                       \
    cd_hinge_embedding_loss_with(                                                                  \
        (cd_hinge_embedding_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* Options of cd_margin_ranking_loss and cd_cosine_embedding_loss. */
typedef struct cd_pair_loss_options {
    cd_tensor *input1, *input2, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    double margin;          /* default: 0 */
} cd_pair_loss_options;

/* torch.nn.functional.margin_ranking_loss: max(0, margin - t (x1 - x2)). The three have as many
 * dimensions. */
CD_API cd_tensor *cd_margin_ranking_loss_with(cd_pair_loss_options options);
/* torch.nn.functional.cosine_embedding_loss, of the cosine c between rows of x1 and x2: 1 - c
 * where the target is 1, max(0, c - margin) where it is -1, 0 for others. Inputs are N x D with
 * a target of N, or D with a 0-d target. */
CD_API cd_tensor *cd_cosine_embedding_loss_with(cd_pair_loss_options options);
#define cd_margin_ranking_loss(input1_, input2_, ...)                                              \
    cd_margin_ranking_loss_with(                                                                   \
        (cd_pair_loss_options){ .input1 = input1_, .input2 = input2_, .target = __VA_ARGS__ })
#define cd_cosine_embedding_loss(input1_, input2_, ...)                                            \
    cd_cosine_embedding_loss_with(                                                                 \
        (cd_pair_loss_options){ .input1 = input1_, .input2 = input2_, .target = __VA_ARGS__ })

/* Options of cd_multi_margin_loss. */
typedef struct cd_multi_margin_loss_options {
    cd_tensor *input, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    int64_t p;              /* 1 or 2; default, and for 0: 1 */
    double margin;          /* default, and for 0: 1; CD_ZERO for 0 */
    cd_tensor *weight;      /* of each class */
} cd_multi_margin_loss_options;

/* torch.nn.functional.multi_margin_loss, of rows x of C elements (N x C, or C) and a class t for
 * each, int64 (N, or one element): the mean over the classes i of max(0, margin - x[t] + x[i])^p,
 * where that of t counts as 0, times weight[t]. A class outside of 0 to C - 1 is CD_ERR_ARGUMENT.
 * Its gradient cannot be differentiated. */
CD_API cd_tensor *cd_multi_margin_loss_with(cd_multi_margin_loss_options options);
#define cd_multi_margin_loss(input_, ...)                                                          \
    cd_multi_margin_loss_with(                                                                     \
        (cd_multi_margin_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* torch.nn.functional.multilabel_margin_loss, of rows x of C elements and as many int64 classes,
 * which are a list that ends before the first -1: the sum of max(0, 1 - x[t] + x[i]) over each t of
 * the list and each i that is not in it, over C. Its gradient cannot be differentiated. */
CD_API cd_tensor *cd_multilabel_margin_loss_with(cd_loss_options options);
#define cd_multilabel_margin_loss(input_, ...)                                                     \
    cd_multilabel_margin_loss_with((cd_loss_options){ .input = input_, .target = __VA_ARGS__ })

/* A distance of rows, such as 1 minus their cosine. */
typedef cd_tensor *cd_distance(cd_tensor *a, cd_tensor *b);

/* Options of cd_triplet_margin_loss. */
typedef struct cd_triplet_margin_loss_options {
    cd_tensor *anchor, *positive, *negative;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    double margin;          /* above 0; default, and for 0: 1 */
    double p;               /* of the norm; default, and for 0: 2; CD_ZERO for 0 */
    double eps;             /* added to each difference; default: 1e-6; CD_ZERO for 0 */
    bool swap;              /* the distance to the negative is the smaller one of those from the
                               anchor and from the positive */
    cd_distance *distance;  /* default: the norm of a - b + eps along the last dimension. Not with
                               .p and .eps */
} cd_triplet_margin_loss_options;

/* torch.nn.functional.triplet_margin_loss: max(0, margin + d(anchor, positive) - d(anchor,
 * negative)). With .distance, triplet_margin_with_distance_loss. The three have as many
 * dimensions. */
CD_API cd_tensor *cd_triplet_margin_loss_with(cd_triplet_margin_loss_options options);
#define cd_triplet_margin_loss(anchor_, positive_, ...)                                            \
    cd_triplet_margin_loss_with((cd_triplet_margin_loss_options){                                  \
        .anchor = anchor_, .positive = positive_, .negative = __VA_ARGS__ })

CD_END_DECLS

#endif
