/* Ops of statistics and of sampling: histograms, random choices, reductions by an index,
 * covariances, integrals over sample points; and combinations of tensors. */
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
 * i-th of `bins` equal parts of the range, of which the last includes max. Elements outside, and NaN
 * where a range is given, do not count. Where all elements are equal the range is one more to either
 * side. Floating x; y has its dtype, and no gradient. Error: a range that is not finite. */
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
 * leaves open: without replacement those of p = 0, and now and then of two among thousands. Errors: a p that is negative, infinite or
 * NaN; a row that is 0; without replacement more samples than a row has. */
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

CD_END_DECLS

#endif
