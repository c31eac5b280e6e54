/* Products beyond those of ops.h. */
#ifndef CANDELA_AUTOGRAD_PRODUCT_OPS_H
#define CANDELA_AUTOGRAD_PRODUCT_OPS_H

#include "autograd/autograd.h"
#include "autograd/ops.h"
#include "autograd/reduction.h"
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
 * is ... x L x V. The dimensions before the last two broadcast. A query whose masked scores are all
 * -Inf has a result of 0, and so has every query where S is 0. Floating dtypes, the same for
 * all. */
CD_API cd_tensor *cd_scaled_dot_product_attention_with(cd_attention_options options);
#define cd_scaled_dot_product_attention(query_, key_, ...)                                         \
    cd_scaled_dot_product_attention_with(                                                          \
        (cd_attention_options){ .query = query_, .key = key_, .value = __VA_ARGS__ })

/* Options of products that are added to a bias. */
typedef struct cd_addmm_options {
    cd_tensor *bias;  /* broadcasts to the product; in place it has its shape, and is changed */
    cd_tensor *a, *b; /* of the dtype of bias */
    CD_GUARD_;
    double beta;  /* default, and for 0: 1; CD_ZERO for 0: then bias does not count, even NaN */
    double alpha; /* default, and for 0: 1; CD_ZERO for 0. Of integers fractions are cut off */
} cd_addmm_options;

/* torch.addmm: cd_addmm(bias, a, b, .beta = 0.5, .alpha = 2). beta bias + alpha a b, for a of
 * N x K and b of K x M. The result is N x M, to which the bias broadcasts. All numeric dtypes, the
 * same for all. */
CD_API cd_tensor *cd_addmm_with(cd_addmm_options options);
CD_API cd_tensor *cd_addmm_with_(cd_addmm_options options);
#define cd_addmm(bias_, a_, ...)                                                                   \
    cd_addmm_with((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })
#define cd_addmm_(bias_, a_, ...)                                                                  \
    cd_addmm_with_((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })

/* torch.baddbmm: beta bias + alpha a[i] b[i], for a of B x N x K and b of B x K x M. The result is
 * B x N x M, to which the bias broadcasts. Likewise. */
CD_API cd_tensor *cd_baddbmm_with(cd_addmm_options options);
/* The same in place: the bias, B x N x M, is changed and returned. */
CD_API cd_tensor *cd_baddbmm_with_(cd_addmm_options options);
#define cd_baddbmm(bias_, a_, ...)                                                                 \
    cd_baddbmm_with((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })
#define cd_baddbmm_(bias_, a_, ...)                                                                \
    cd_baddbmm_with_((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })

/* torch.addbmm: beta bias + alpha times the sum of all a[i] b[i], N x M, to which the bias
 * broadcasts. Likewise. */
CD_API cd_tensor *cd_addbmm_with(cd_addmm_options options);
CD_API cd_tensor *cd_addbmm_with_(cd_addmm_options options);
#define cd_addbmm(bias_, a_, ...)                                                                  \
    cd_addbmm_with((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })
#define cd_addbmm_(bias_, a_, ...)                                                                 \
    cd_addbmm_with_((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })

/* torch.addmv: beta bias + alpha a b, for a matrix a of N x K and a vector b of K. The result is N,
 * to which the bias broadcasts. Likewise. */
CD_API cd_tensor *cd_addmv_with(cd_addmm_options options);
CD_API cd_tensor *cd_addmv_with_(cd_addmm_options options);
#define cd_addmv(bias_, a_, ...)                                                                   \
    cd_addmv_with((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })
#define cd_addmv_(bias_, a_, ...)                                                                  \
    cd_addmv_with_((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })

/* torch.addr: beta bias + alpha a[i] b[j], for vectors a of N and b of M. The result is N x M, to
 * which the bias broadcasts. All dtypes, promoted to one; of integers and bool beta and alpha must
 * be whole. */
CD_API cd_tensor *cd_addr_with(cd_addmm_options options);
CD_API cd_tensor *cd_addr_with_(cd_addmm_options options);
#define cd_addr(bias_, a_, ...)                                                                    \
    cd_addr_with((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })
#define cd_addr_(bias_, a_, ...)                                                                   \
    cd_addr_with_((cd_addmm_options){ .bias = bias_, .a = a_, .b = __VA_ARGS__ })

/* torch.einsum: cd_einsum("ij,jk->ik", CD_TENSORS(a, b)). A letter names a dimension. The result
 * has those behind "->", or those that occur once, in the order of the alphabet with upper case
 * first; all others are summed. A letter that an operand has twice is its diagonal. "..." stands
 * for the dimensions without a letter, which broadcast; sizes of 1 broadcast too. Spaces are
 * skipped. The operands are multiplied from left to right. CD_ERR_SHAPE for more than 8 different
 * dimensions. */
CD_API cd_tensor *cd_einsum(const char *equation, cd_tensors operands);

/* torch.tensordot(a, b, dims): the sums of products over the last `dims` dimensions of a and the
 * first of b. The result has a's other dimensions, then b's. All numeric dtypes, the same for
 * both. */
CD_API cd_tensor *cd_tensordot(cd_tensor *a, cd_tensor *b, int dims);
/* The same over any dimensions, as many of a as of b: cd_tensordot_dims(a, b, CD_DIMS(1),
 * CD_DIMS(0)). */
CD_API cd_tensor *cd_tensordot_dims(cd_tensor *a, cd_tensor *b, cd_dims dims_a, cd_dims dims_b);

/* torch.inner: the sums of products over the last dimension of a and of b. The result has a's other
 * dimensions, then b's. Where one has no dimension it is a * b. All numeric dtypes, the same for
 * both. */
CD_API cd_tensor *cd_inner(cd_tensor *a, cd_tensor *b);

/* torch.vdot: the sum of a * b, two vectors of one size. All numeric dtypes, the same for both. */
CD_API cd_tensor *cd_vdot(cd_tensor *a, cd_tensor *b);

/* torch.kron: each element of a times all of b, in the place of that element. Sizes are multiplied;
 * where one operand has fewer dimensions, sizes of 1 come before its own. All dtypes, promoted.
 * CD_ERR_SHAPE where a and b together have more than 8 dimensions whose size is not 1. */
CD_API cd_tensor *cd_kron(cd_tensor *a, cd_tensor *b);

/* Options of cd_cross and cd_vecdot. */
typedef struct cd_vectors_options {
    cd_tensor *a, *b;
    CD_GUARD_;
    cd_dims dims; /* one dimension, along which the vectors lie. Default of cd_cross: the first one
                     of a with size 3; of cd_vecdot: the last */
} cd_vectors_options;

/* torch.cross: the cross products of vectors of 3 elements. Both have as many dimensions, of which
 * the others broadcast. All numeric dtypes, the same for both. torch.linalg.cross has the default
 * .dims = CD_DIMS(-1). */
CD_API cd_tensor *cd_cross_with(cd_vectors_options options);
#define cd_cross(a_, ...) cd_cross_with((cd_vectors_options){ .a = a_, .b = __VA_ARGS__ })
/* torch.linalg.vecdot: the sums of a * b along a dimension of the shape to which both broadcast.
 * Floating dtypes, the same for both. */
CD_API cd_tensor *cd_vecdot_with(cd_vectors_options options);
#define cd_vecdot(a_, ...) cd_vecdot_with((cd_vectors_options){ .a = a_, .b = __VA_ARGS__ })

/* torch.matrix_power: x x ... x, n times, of a square matrix or of each of a batch (the last two
 * dimensions). All numeric dtypes; for n = 0, the identity, and n = 1 bool too. CD_ERR_ARGUMENT for
 * a negative n. */
CD_API cd_tensor *cd_matrix_power(cd_tensor *x, int64_t n);

/* torch.linalg.multi_dot: the product of two or more matrices, in the order that needs the fewest
 * multiplications: cd_multi_dot(CD_TENSORS(a, b, c)). The first may be a vector, which counts as a
 * row, and the last one that counts as a column; the result lacks that dimension. All numeric
 * dtypes, the same for all. */
CD_API cd_tensor *cd_multi_dot(cd_tensors tensors);
/* torch.chain_matmul: the same of one or more matrices. */
CD_API cd_tensor *cd_chain_matmul(cd_tensors tensors);

/* torch.nn.functional.bilinear: y[k] = sum of x1[i] weight[k, i, j] x2[j] + bias[k]. x1 is ... x N,
 * x2 ... x M, of as many dimensions and equal sizes before the last; the weight K x N x M; the bias
 * K, or NULL for none. The result is ... x K. All numeric dtypes, the same for all. */
CD_API cd_tensor *cd_bilinear(cd_tensor *x1, cd_tensor *x2, cd_tensor *weight, cd_tensor *bias);

CD_END_DECLS

#endif
