/* Products beyond those of ops.h. */
#ifndef CANDELA_AUTOGRAD_PRODUCT_OPS_H
#define CANDELA_AUTOGRAD_PRODUCT_OPS_H

#include "autograd/ops.h"
#include "core/random.h"

CD_BEGIN_DECLS

/* Options of cd_scaled_dot_product_attention. */
typedef struct cd_attention_options {
    cd_tensor *query, *key, *value; /* ... x L x E, ... x S x E, ... x S x V */
    CD_GUARD_;
    cd_tensor *attn_mask; /* broadcasts to ... x L x S: bool, true where a key counts; or of the
                             query's dtype, added to the scores. Not with is_causal */
    double dropout_p;     /* from 0 to 1: the probability of a weight to be dropped */
    bool is_causal;       /* query i sees the keys 0 to i */
    double scale;         /* default, and for 0: 1 / sqrt(E); CD_ZERO for 0 */
    bool enable_gqa; /* several heads of the query (dimension -3) share a head of the keys and of
                             the values */
    cd_generator *generator; /* of dropout; default: the default generator */
} cd_attention_options;

/* torch.nn.functional.scaled_dot_product_attention: softmax(scale query key^T + mask) value, which
 * is ... x L x V. The dimensions before the last two broadcast. A query whose masked scores are
 * all -Inf has a result of 0, and so has every query where S is 0. Floating dtypes, the same for all. */
CD_API cd_tensor *cd_scaled_dot_product_attention_with(cd_attention_options options);
#define cd_scaled_dot_product_attention(query_, key_, ...)                                         \
    cd_scaled_dot_product_attention_with(                                                          \
        (cd_attention_options){ .query = query_, .key = key_, .value = __VA_ARGS__ })

/* Options of cd_baddbmm. */
typedef struct cd_baddbmm_options {
    cd_tensor *bias, *a, *b; /* a is B x N x K, b is B x K x M */
    CD_GUARD_;
    double beta;  /* default, and for 0: 1; CD_ZERO for 0. A bias with a beta of 0 is not read,
                     also where it is NaN */
    double alpha; /* default, and for 0: 1; CD_ZERO for 0 */
} cd_baddbmm_options;

/* torch.baddbmm: beta bias + alpha a[i] b[i], B x N x M, to which the bias broadcasts. All numeric
 * dtypes, the same for all; of integers beta and alpha lose their fraction. */
CD_API cd_tensor *cd_baddbmm_with(cd_baddbmm_options options);
/* The same in place: the bias, B x N x M, is changed and returned. */
CD_API cd_tensor *cd_baddbmm_with_(cd_baddbmm_options options);
#define cd_baddbmm(bias_, a_, ...)                                                                 \
    cd_baddbmm_with((cd_baddbmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })
#define cd_baddbmm_(bias_, a_, ...)                                                                \
    cd_baddbmm_with_((cd_baddbmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })

CD_END_DECLS

#endif
