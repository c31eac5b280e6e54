/* Ops of statistics and of sampling: histograms, random choices, reductions by an index,
 * covariances, integrals over sample points; and ops that combine tensors, beside those of
 * shape_ops.h. */
#ifndef CANDELA_AUTOGRAD_STATS_OPS_H
#define CANDELA_AUTOGRAD_STATS_OPS_H

#include "autograd/index_ops.h"
#include "autograd/shape_ops.h"

CD_BEGIN_DECLS

/* --- counts and choices ----------------------------------------------------------------------- */

/* Options of cd_histc. */
typedef struct cd_histc_options {
    cd_tensor *x;
    CD_GUARD_;
    double bins;     /* how many, a whole number above 0; default: 100 */
    double min, max; /* the range; where both are equal: from the least to the largest of x */
    bool unused_;
} cd_histc_options;

/* torch.histc: cd_histc(x, .bins = 4, .min = 0, .max = 1). y[i] = how many elements of x are in the
 * i-th of `bins` equal parts of the range, of which the last includes max. Elements outside, and
 * NaN where a range is given, do not count. Where all elements are equal the range is one more to
 * either side. Floating x; y has its dtype, and no gradient. Error: a range that is not finite. */
CD_API cd_tensor *cd_histc_with(cd_histc_options options);
#define cd_histc(...)                                                                              \
    cd_histc_with((cd_histc_options){ .x = CD_HEAD_(__VA_ARGS__, 0),                               \
                                      CD_TAIL_(__VA_ARGS__, .unused_ = false) })

/* Options of cd_multinomial. */
typedef struct cd_multinomial_options {
    cd_tensor *p;
    int64_t samples;
    CD_GUARD_;
    bool replacement;        /* an index may be drawn more than once */
    cd_generator *generator; /* default: the default generator */
} cd_multinomial_options;

/* torch.multinomial: cd_multinomial(p, 2, .replacement = true). For each row of p, a matrix or a
 * vector, so many int64 indices, each drawn with the probability p[index] / (sum of the row). The
 * indices are those of PyTorch for the same seed, but for the order of equal scores, which PyTorch
 * leaves open: without replacement those of p = 0, and now and then of two among thousands. Errors:
 * a p that is negative, infinite or NaN; a row that is 0; without replacement more samples than a
 * row has. */
CD_API cd_tensor *cd_multinomial_with(cd_multinomial_options options);
#define cd_multinomial(p_, ...)                                                                    \
    cd_multinomial_with((cd_multinomial_options){ .p = (p_), .samples = __VA_ARGS__ })

/* --- reductions by an index ------------------------------------------------------------------- */

/* How elements that meet become one. */
typedef enum cd_reduce_how {
    CD_REDUCE_SUM = 0,
    CD_REDUCE_PROD,
    CD_REDUCE_MEAN, /* of integers rounded down */
    CD_REDUCE_AMAX, /* NaN wins */
    CD_REDUCE_AMIN
} cd_reduce_how;

/* Options of cd_scatter_reduce and cd_scatter_reduce_. */
typedef struct cd_scatter_reduce_options {
    cd_tensor *x;
    int dim;
    cd_tensor *index, *src;
    cd_reduce_how how;
    CD_GUARD_;
    bool exclude_self; /* what x was does not count where the index points (include_self=False) */
} cd_scatter_reduce_options;

/* torch.scatter_reduce: cd_scatter_reduce(x, dim, index, src, CD_REDUCE_AMAX). x, with each element
 * of src reduced into the position that the index gives along one dimension. Index and src as for
 * cd_scatter_add. Gradients are PyTorch's: of equal largest or smallest elements each gets the same
 * part, and x counts as one of them with .exclude_self too. That of a product cannot be
 * differentiated again right where two zeros of src meet, which PyTorch refuses. Not the mean of
 * bool. */
CD_API cd_tensor *cd_scatter_reduce_with(cd_scatter_reduce_options options);
#define cd_scatter_reduce(x_, dim_, index_, src_, ...)                                             \
    cd_scatter_reduce_with((cd_scatter_reduce_options){                                            \
        .x = (x_), .dim = (dim_), .index = (index_), .src = (src_), .how = __VA_ARGS__ })
/* The same in place. */
CD_API cd_tensor *cd_scatter_reduce_with_(cd_scatter_reduce_options options);
#define cd_scatter_reduce_(x_, dim_, index_, src_, ...)                                            \
    cd_scatter_reduce_with_((cd_scatter_reduce_options){                                           \
        .x = (x_), .dim = (dim_), .index = (index_), .src = (src_), .how = __VA_ARGS__ })

/* Options of cd_index_reduce and cd_index_reduce_. */
typedef struct cd_index_reduce_options {
    cd_tensor *x;
    int dim;
    cd_tensor *index, *source;
    cd_reduce_how how;
    CD_GUARD_;
    bool exclude_self; /* what x was does not count where the index points (include_self=False) */
} cd_index_reduce_options;

/* torch.index_reduce: cd_index_reduce(x, dim, index, source, CD_REDUCE_PROD). The same by a vector
 * of indices, as for cd_index_add: y[.., index[k], ..] is reduced with source[.., k, ..]. There is
 * no sum, which is cd_index_add, and nothing for bool. */
CD_API cd_tensor *cd_index_reduce_with(cd_index_reduce_options options);
#define cd_index_reduce(x_, dim_, index_, source_, ...)                                            \
    cd_index_reduce_with((cd_index_reduce_options){                                                \
        .x = (x_), .dim = (dim_), .index = (index_), .source = (source_), .how = __VA_ARGS__ })
/* The same in place. */
CD_API cd_tensor *cd_index_reduce_with_(cd_index_reduce_options options);
#define cd_index_reduce_(x_, dim_, index_, source_, ...)                                           \
    cd_index_reduce_with_((cd_index_reduce_options){                                               \
        .x = (x_), .dim = (dim_), .index = (index_), .source = (source_), .how = __VA_ARGS__ })

/* --- statistics ------------------------------------------------------------------------------- */

/* Options of cd_cov. */
typedef struct cd_cov_options {
    cd_tensor *x;
    CD_GUARD_;
    double correction;   /* default: 1, for the unbiased estimate; CD_ZERO: that of the samples */
    cd_tensor *fweights; /* how often each column counts: a vector of integers */
    cd_tensor *aweights; /* how much each column counts: a floating vector */
    bool unused_;
} cd_cov_options;

/* torch.cov: cd_cov(x, .correction = CD_ZERO). The covariances of the rows of a matrix, which are
 * variables with an observation in each column; of a vector its variance, 0-d. Not for bool.
 * Errors: weights that are negative, or add up to 0. */
CD_API cd_tensor *cd_cov_with(cd_cov_options options);
#define cd_cov(...)                                                                                \
    cd_cov_with((cd_cov_options){ .x = CD_HEAD_(__VA_ARGS__, 0),                                   \
                                  CD_TAIL_(__VA_ARGS__, .unused_ = false) })
/* torch.corrcoef: the correlation coefficients of the rows of a matrix, from -1 to 1; of a vector
 * 1. NaN for a row whose variance is 0. */
CD_API cd_tensor *cd_corrcoef(cd_tensor *x);

/* Options of cd_trapezoid and cd_cumulative_trapezoid. */
typedef struct cd_trapezoid_options {
    cd_tensor *y;
    int dim; /* -1 is the last */
    CD_GUARD_;
    cd_tensor *x; /* where the samples y are: a vector, or a tensor that broadcasts to y's shape */
    double dx;    /* without x: how far apart they are; default: 1 */
} cd_trapezoid_options;

/* torch.trapezoid: cd_trapezoid(y, -1, .x = x). The integral of y along a dimension by the
 * trapezoidal rule: the sum of (y[i] + y[i + 1]) / 2 (x[i + 1] - x[i]). Not for bool. */
CD_API cd_tensor *cd_trapezoid_with(cd_trapezoid_options options);
#define cd_trapezoid(y_, ...)                                                                      \
    cd_trapezoid_with((cd_trapezoid_options){ .y = (y_), .dim = __VA_ARGS__ })
/* torch.trapz */
#define cd_trapz cd_trapezoid
/* torch.cumulative_trapezoid: the integrals from the first sample to each later one. */
CD_API cd_tensor *cd_cumulative_trapezoid_with(cd_trapezoid_options options);
#define cd_cumulative_trapezoid(y_, ...)                                                           \
    cd_cumulative_trapezoid_with((cd_trapezoid_options){ .y = (y_), .dim = __VA_ARGS__ })

/* --- combinations ----------------------------------------------------------------------------- */

/* torch.cartesian_prod: cd_cartesian_prod(CD_TENSORS(a, b)). Every choice of an element of each
 * vector, as rows, the last one changing fastest. One vector is returned as it is. */
CD_API cd_tensor *cd_cartesian_prod(cd_tensors vectors);

/* Options of cd_combinations. */
typedef struct cd_combinations_options {
    cd_tensor *x;
    int64_t r;
    CD_GUARD_;
    bool with_replacement; /* an element may be chosen again */
} cd_combinations_options;

/* torch.combinations: cd_combinations(x, 2). Every choice of r elements of a vector, as rows, in
 * the order of x. With r = 0 a vector without elements. */
CD_API cd_tensor *cd_combinations_with(cd_combinations_options options);
#define cd_combinations(x_, ...)                                                                   \
    cd_combinations_with((cd_combinations_options){ .x = (x_), .r = __VA_ARGS__ })

/* torch.block_diag: cd_block_diag(CD_TENSORS(a, b)). A matrix with the tensors, of 2 dimensions or
 * fewer, along its diagonal, and 0 elsewhere. A vector is a row. */
CD_API cd_tensor *cd_block_diag(cd_tensors tensors);

/* Options of cd_vander. */
typedef struct cd_vander_options {
    cd_tensor *x;
    CD_GUARD_;
    double n;        /* columns; default: as many as x has elements. CD_ZERO: none */
    bool increasing; /* the powers go up from 0; default: down to 0 */
    bool unused_;
} cd_vander_options;

/* torch.vander: cd_vander(x, .n = 3). The powers of each element of a vector as a row: x[i]^(n -
 * 1), .., x[i], 1. Integers and bool give int64. It has a gradient, where PyTorch's backward pass
 * is an error. */
CD_API cd_tensor *cd_vander_with(cd_vander_options options);
#define cd_vander(...)                                                                             \
    cd_vander_with((cd_vander_options){ .x = CD_HEAD_(__VA_ARGS__, 0),                             \
                                        CD_TAIL_(__VA_ARGS__, .unused_ = false) })

/* --- diagonal and triangular ------------------------------------------------------------------ */

/* torch.diagflat: a matrix of zeros with all elements of x on a diagonal, of this offset. */
CD_API cd_tensor *cd_diagflat(cd_tensor *x, int64_t offset);
/* torch.diagonal_scatter: a copy of x with src, of the shape of cd_diagonal(x, offset, dim1, dim2),
 * there. */
CD_API cd_tensor *cd_diagonal_scatter(cd_tensor *x, cd_tensor *src, int64_t offset, int dim1,
                                      int dim2);

/* Options of cd_tril_indices and cd_triu_indices. */
typedef struct cd_triangle_options {
    int64_t rows, columns;
    CD_GUARD_;
    int64_t offset; /* of the diagonal; default: 0, the main one */
    cd_dtype dtype; /* int64 or int32; default: int64 */
    cd_device device;
} cd_triangle_options;

/* torch.tril_indices: cd_tril_indices(3, 3, .offset = -1). The row, then the column, of each
 * element on and below a diagonal of such a matrix, row by row: 2 x N. */
CD_API cd_tensor *cd_tril_indices_with(cd_triangle_options options);
#define cd_tril_indices(rows_, ...)                                                                \
    cd_tril_indices_with((cd_triangle_options){ .rows = rows_, .columns = __VA_ARGS__ })
/* torch.triu_indices: of those on and above. */
CD_API cd_tensor *cd_triu_indices_with(cd_triangle_options options);
#define cd_triu_indices(rows_, ...)                                                                \
    cd_triu_indices_with((cd_triangle_options){ .rows = rows_, .columns = __VA_ARGS__ })

/* --- powers ----------------------------------------------------------------------------------- */

/* torch.float_power: cd_pow, computed in float64 whatever the dtypes. At least one of the two is a
 * tensor. */
CD_API cd_tensor *cd_float_power_with(cd_operand a, cd_operand b);
#define cd_float_power(a_, b_) cd_float_power_with(CD_OPERAND(a_), CD_OPERAND(b_))
/* The same in place; x must be float64. */
CD_API cd_tensor *cd_float_power_with_(cd_tensor *x, cd_operand b);
#define cd_float_power_(x_, b_) cd_float_power_with_((x_), CD_OPERAND(b_))

CD_END_DECLS

#endif
