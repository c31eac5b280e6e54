/* Reductions and scans.
 *
 * A reduction takes all elements, or those of the dimensions that .dims names:
 *
 *     cd_sum(x)                                     all elements: a 0-d tensor
 *     cd_sum(x, .dims = CD_DIMS(0, 2))              over dimensions 0 and 2, which are dropped
 *     cd_sum(x, .dims = CD_DIMS(-1), .keepdim = true)    the last stays, with size 1
 *
 * Reductions whose second result is an index, and scans, go along one dimension, which is an
 * argument: cd_max_dim(x, 1), cd_cumsum(x, 0). cd_sum_dim(x, 1) is short for
 * cd_sum(x, .dims = CD_DIMS(1)), and cd_mean_dim likewise. */
#ifndef CANDELA_AUTOGRAD_REDUCTION_H
#define CANDELA_AUTOGRAD_REDUCTION_H

#include "autograd/create.h"
#include "core/scope.h"
#include "core/tensor.h"

CD_BEGIN_DECLS

/* --- which dimensions ------------------------------------------------------------------------- */

/* Dimensions of a tensor, in any order, -1 being the last. None: all dimensions. One that is given
 * twice is CD_ERR_ARGUMENT. */
typedef struct cd_dims {
    CD_BY_MACRO_(CD_DIMS); /* .dims = 1 does not compile, or is warned of: CD_DIMS(1) is meant */
    int count;
    int dim[CD_MAX_DIMS];
} cd_dims;

#ifndef __cplusplus
/* The dimensions of its arguments: CD_DIMS(0, 2). More than 8 are CD_ERR_ARGUMENT in the call that
 * uses them. */
#define CD_DIMS(...)                                                                               \
    ((cd_dims){ .count = (int)(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int)),                      \
                .dim = { __VA_ARGS__ } })
#endif

/* Options of reductions. */
typedef struct cd_dims_options {
    cd_tensor *x;
    CD_GUARD_;
    cd_dims dims; /* default: all dimensions */
    bool keepdim; /* reduced dimensions stay, with size 1 */
} cd_dims_options;

/* Options of reductions that add or multiply. */
typedef struct cd_sum_options {
    cd_tensor *x;
    CD_GUARD_;
    cd_dims dims;   /* default: all dimensions */
    bool keepdim;   /* reduced dimensions stay, with size 1 */
    cd_dtype dtype; /* x is converted to it first, and the result has it; default: x's own, and
                       int64 for integers and bool */
} cd_sum_options;

/* Options of reductions along one dimension: cd_max_dim(x, 1, .keepdim = true). */
typedef struct cd_dim_options {
    cd_tensor *x;
    int dim; /* -1 is the last */
    CD_GUARD_;
    bool keepdim;        /* the dimension stays, with size 1 */
    cd_tensor **indices; /* where to put the int64 indices, of a reduction that has some; default:
                            no indices */
} cd_dim_options;

/* --- sums and means --------------------------------------------------------------------------- */

/* torch.sum: 0 over nothing. */
CD_API cd_tensor *cd_sum_with(cd_sum_options options);
/* torch.mean: NaN over nothing. Floating dtypes only; integers need .dtype. */
CD_API cd_tensor *cd_mean_with(cd_sum_options options);
#define cd_sum(...)  cd_sum_with((cd_sum_options){ .x = __VA_ARGS__ })
#define cd_mean(...) cd_mean_with((cd_sum_options){ .x = __VA_ARGS__ })

/* torch.nansum: the sum of all elements that are not NaN. */
CD_API cd_tensor *cd_nansum_with(cd_sum_options options);
/* torch.nanmean: their mean. Floating dtypes only. */
CD_API cd_tensor *cd_nanmean_with(cd_sum_options options);
#define cd_nansum(...)  cd_nansum_with((cd_sum_options){ .x = __VA_ARGS__ })
#define cd_nanmean(...) cd_nanmean_with((cd_sum_options){ .x = __VA_ARGS__ })

/* torch.sum(x, dim) */
CD_API cd_tensor *cd_sum_dim_with(cd_dim_options options);
/* torch.mean(x, dim) */
CD_API cd_tensor *cd_mean_dim_with(cd_dim_options options);
#define cd_sum_dim(x_, ...)  cd_sum_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_mean_dim(x_, ...) cd_mean_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })

/* torch.prod: 1 over nothing. All elements or along one dimension: CD_ERR_ARGUMENT for several. The
 * gradient is right where elements are 0. */
CD_API cd_tensor *cd_prod_with(cd_sum_options options);
#define cd_prod(...) cd_prod_with((cd_sum_options){ .x = __VA_ARGS__ })

/* --- variance --------------------------------------------------------------------------------- */

/* Options of cd_var and cd_std. */
typedef struct cd_var_options {
    cd_tensor *x;
    CD_GUARD_;
    cd_dims dims;      /* default: all dimensions */
    bool keepdim;      /* reduced dimensions stay, with size 1 */
    double correction; /* default, and for 0: 1; CD_ZERO for 0 */
} cd_var_options;

/* Options of cd_var_mean and cd_std_mean. */
typedef struct cd_var_mean_options {
    cd_tensor *x;
    cd_tensor **mean; /* where to put the mean */
    CD_GUARD_;
    cd_dims dims;      /* default: all dimensions */
    bool keepdim;      /* reduced dimensions stay, with size 1 */
    double correction; /* default, and for 0: 1; CD_ZERO for 0 */
} cd_var_mean_options;

/* torch.var: the sum of (x - mean)^2 divided by n - correction, or by 0 where that is negative.
 * Floating dtypes. */
CD_API cd_tensor *cd_var_with(cd_var_options options);
/* torch.std: the square root of the variance. Where that is 0 its gradient is 0. */
CD_API cd_tensor *cd_std_with(cd_var_options options);
/* torch.var_mean: cd_tensor *mean, *var = cd_var_mean(x, &mean, .dims = CD_DIMS(0)). */
CD_API cd_tensor *cd_var_mean_with(cd_var_mean_options options);
/* torch.std_mean, likewise. */
CD_API cd_tensor *cd_std_mean_with(cd_var_mean_options options);
#define cd_var(...)          cd_var_with((cd_var_options){ .x = __VA_ARGS__ })
#define cd_std(...)          cd_std_with((cd_var_options){ .x = __VA_ARGS__ })
#define cd_var_mean(x_, ...) cd_var_mean_with((cd_var_mean_options){ .x = x_, .mean = __VA_ARGS__ })
#define cd_std_mean(x_, ...) cd_std_mean_with((cd_var_mean_options){ .x = x_, .mean = __VA_ARGS__ })

/* --- truth ------------------------------------------------------------------------------------ */

/* torch.any: whether an element is not 0; NaN is not 0. False over nothing. bool, but uint8 for
 * uint8. No gradient. */
CD_API cd_tensor *cd_any_with(cd_dims_options options);
/* torch.all: whether no element is 0; true over nothing. Likewise. */
CD_API cd_tensor *cd_all_with(cd_dims_options options);
/* torch.count_nonzero: how many elements are not 0, int64. No gradient. (PyTorch's has no keepdim.)
 */
CD_API cd_tensor *cd_count_nonzero_with(cd_dims_options options);
#define cd_any(...)           cd_any_with((cd_dims_options){ .x = __VA_ARGS__ })
#define cd_all(...)           cd_all_with((cd_dims_options){ .x = __VA_ARGS__ })
#define cd_count_nonzero(...) cd_count_nonzero_with((cd_dims_options){ .x = __VA_ARGS__ })

/* --- the largest and the smallest ------------------------------------------------------------- */

/* The largest element, 0-d; NaN if there is one. x must not be empty. Equal ones share the gradient
 * evenly. */
CD_API cd_tensor *cd_max(cd_tensor *x);
/* The smallest element, likewise. */
CD_API cd_tensor *cd_min(cd_tensor *x);
/* torch.amax: the largest elements over any dimensions, which must not be empty; NaN where there is
 * one. Equal ones share the gradient evenly. */
CD_API cd_tensor *cd_amax_with(cd_dims_options options);
/* torch.amin: the smallest elements, likewise. */
CD_API cd_tensor *cd_amin_with(cd_dims_options options);
#define cd_amax(...) cd_amax_with((cd_dims_options){ .x = __VA_ARGS__ })
#define cd_amin(...) cd_amin_with((cd_dims_options){ .x = __VA_ARGS__ })

/* Options of cd_aminmax. */
typedef struct cd_aminmax_options {
    cd_tensor *x;
    cd_tensor **max; /* where to put the largest elements */
    CD_GUARD_;
    cd_dims dims; /* default: all dimensions */
    bool keepdim; /* reduced dimensions stay, with size 1 */
} cd_aminmax_options;

/* torch.aminmax: cd_tensor *max, *min = cd_aminmax(x, &max, .dims = CD_DIMS(1)). Both as cd_amin
 * and cd_amax; over any dimensions, where PyTorch takes one. */
CD_API cd_tensor *cd_aminmax_with(cd_aminmax_options options);
#define cd_aminmax(x_, ...) cd_aminmax_with((cd_aminmax_options){ .x = x_, .max = __VA_ARGS__ })

/* torch.max(x, dim): the largest elements; NaN where there is one. Of equal ones the first counts,
 * for the index and for the gradient. The dimension must not be empty. */
CD_API cd_tensor *cd_max_dim_with(cd_dim_options options);
/* torch.min(x, dim): the smallest elements, likewise. */
CD_API cd_tensor *cd_min_dim_with(cd_dim_options options);
#define cd_max_dim(x_, ...) cd_max_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_min_dim(x_, ...) cd_min_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })

/* Options of cd_argmax and cd_argmin. */
typedef struct cd_argmax_options {
    cd_tensor *x;
    CD_GUARD_;
    bool keepdim; /* each dimension stays, with size 1 */
} cd_argmax_options;

/* The int64 index of the largest element, of the first if several are equal, counted row by row. No
 * gradient; not for bool. */
CD_API cd_tensor *cd_argmax_with(cd_argmax_options options);
/* The index of the smallest element, likewise. */
CD_API cd_tensor *cd_argmin_with(cd_argmax_options options);
/* torch.argmax(x, dim): the int64 indices of the largest elements. No gradient; not for bool. */
CD_API cd_tensor *cd_argmax_dim_with(cd_dim_options options);
/* torch.argmin(x, dim): the int64 indices of the smallest elements, likewise. */
CD_API cd_tensor *cd_argmin_dim_with(cd_dim_options options);
#define cd_argmax(...)         cd_argmax_with((cd_argmax_options){ .x = __VA_ARGS__ })
#define cd_argmin(...)         cd_argmin_with((cd_argmax_options){ .x = __VA_ARGS__ })
#define cd_argmax_dim(x_, ...) cd_argmax_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_argmin_dim(x_, ...) cd_argmin_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })

/* --- median and mode -------------------------------------------------------------------------- */

/* torch.median: of an even number of elements the lower one in the middle; NaN if there is one, and
 * over nothing. Equal ones share the gradient evenly. Not for bool. */
CD_API cd_tensor *cd_median(cd_tensor *x);
/* torch.nanmedian: the median of all that is not NaN. */
CD_API cd_tensor *cd_nanmedian(cd_tensor *x);
/* torch.median(x, dim), and the index of the first element that is equal to it, which has the
 * gradient (PyTorch may choose another). The dimension must not be empty. */
CD_API cd_tensor *cd_median_dim_with(cd_dim_options options);
/* torch.nanmedian(x, dim), likewise. */
CD_API cd_tensor *cd_nanmedian_dim_with(cd_dim_options options);
/* torch.mode(x, dim): the element that occurs most often, of several the smallest, and the index
 * where it stands last, which has the gradient. No NaN is equal to another. The dimension must
 * not be empty. */
CD_API cd_tensor *cd_mode_with(cd_dim_options options);
#define cd_median_dim(x_, ...) cd_median_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_nanmedian_dim(x_, ...)                                                                  \
    cd_nanmedian_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_mode(x_, ...) cd_mode_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })

/* --- quantiles -------------------------------------------------------------------------------- */

/* What a quantile is where its rank r = q (n - 1) lies between two elements in order. */
typedef enum cd_interpolation {
    CD_QUANTILE_LINEAR = 0, /* on the line between them */
    CD_QUANTILE_LOWER,      /* the lower one */
    CD_QUANTILE_HIGHER,     /* the higher one */
    CD_QUANTILE_MIDPOINT,   /* their mean */
    CD_QUANTILE_NEAREST     /* the one of the nearer rank; between two, that of the even rank */
} cd_interpolation;

/* Options of cd_quantile and cd_nanquantile. */
typedef struct cd_quantile_options {
    cd_tensor *x;
    cd_operand q; /* from 0 to 1: a number, or a 0-d tensor or vector of x's dtype */
    CD_GUARD_;
    cd_dims dims; /* one dimension; default: all elements */
    bool keepdim; /* reduced dimensions stay, with size 1 */
    cd_interpolation interpolation;
    bool unused_;
} cd_quantile_options;

/* torch.quantile: cd_quantile(x, 0.25, .dims = CD_DIMS(1)). NaN if there is one. Floating dtypes;
 * the reduced elements must not be empty. Of equal elements the first has the gradient (PyTorch may
 * choose another).
 *
 * If q is a vector, the result has one more dimension in front, with the quantile of each of its
 * elements. With CD_QUANTILE_LINEAR a tensor q has a gradient too. Its elements are read, to check
 * that they are from 0 to 1: no graph can be captured. */
CD_API cd_tensor *cd_quantile_with(cd_quantile_options options);
/* torch.nanquantile: of the elements that are not NaN; NaN if there are none. */
CD_API cd_tensor *cd_nanquantile_with(cd_quantile_options options);
#define CD_QUANTILE_(x_, ...)                                                                      \
    (cd_quantile_options)                                                                          \
    {                                                                                              \
        .x = x_, .q = CD_OPERAND(CD_HEAD_(__VA_ARGS__, 0)),                                        \
        CD_TAIL_(__VA_ARGS__, .unused_ = false)                                                    \
    }
#define cd_quantile(x_, ...)    cd_quantile_with(CD_QUANTILE_(x_, __VA_ARGS__))
#define cd_nanquantile(x_, ...) cd_nanquantile_with(CD_QUANTILE_(x_, __VA_ARGS__))

/* --- logsumexp and norms ---------------------------------------------------------------------- */

/* Options of cd_logsumexp_dims. */
typedef struct cd_logsumexp_options {
    cd_tensor *x;
    cd_dims dims; /* none: all dimensions */
    CD_GUARD_;
    bool keepdim; /* reduced dimensions stay, with size 1 */
} cd_logsumexp_options;

/* torch.logsumexp(x, dim): log(sum(exp(x))), which does not overflow; float32 for integers. */
CD_API cd_tensor *cd_logsumexp_with(cd_dim_options options);
/* The same over several dimensions: cd_logsumexp_dims(x, CD_DIMS(0, 2), .keepdim = true). */
CD_API cd_tensor *cd_logsumexp_dims_with(cd_logsumexp_options options);
#define cd_logsumexp(x_, ...) cd_logsumexp_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_logsumexp_dims(x_, ...)                                                                 \
    cd_logsumexp_dims_with((cd_logsumexp_options){ .x = x_, .dims = __VA_ARGS__ })

/* Options of cd_norm. */
typedef struct cd_norm_options {
    cd_tensor *x;
    CD_GUARD_;
    double p;     /* default, and for 0: 2; CD_ZERO for 0 */
    cd_dims dims; /* default: all dimensions */
    bool keepdim; /* reduced dimensions stay, with size 1 */
    bool by_dim;  /* over `dim`, which is short for .dims = CD_DIMS(dim) */
    int dim;
} cd_norm_options;

/* torch.linalg.vector_norm: cd_norm(x), cd_norm(x, .p = 1, .dims = CD_DIMS(0, 1)).
 *
 * (sum |x|^p)^(1/p). With p INFINITY the largest |x|, with -INFINITY the smallest, with CD_ZERO the
 * number of elements that are not 0. Floating dtypes. Where the norm is 0 its gradient is 0. */
CD_API cd_tensor *cd_norm_with(cd_norm_options options);
#define cd_norm(...) cd_norm_with((cd_norm_options){ .x = __VA_ARGS__ })

/* --- scans ------------------------------------------------------------------------------------ */

/* Options of cd_cumsum and cd_cumprod. */
typedef struct cd_cumulative_options {
    cd_tensor *x;
    int dim; /* -1 is the last */
    CD_GUARD_;
    cd_dtype dtype; /* x is converted to it first; default: x's own, and int64 for integers and
                       bool */
} cd_cumulative_options;

/* torch.cumsum: y[k] = x[0] + ... + x[k] along dim. */
CD_API cd_tensor *cd_cumsum_with(cd_cumulative_options options);
/* torch.cumprod: y[k] = x[0] ... x[k] along dim. The gradient is right where elements are 0. */
CD_API cd_tensor *cd_cumprod_with(cd_cumulative_options options);
#define cd_cumsum(x_, ...)  cd_cumsum_with((cd_cumulative_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_cumprod(x_, ...) cd_cumprod_with((cd_cumulative_options){ .x = x_, .dim = __VA_ARGS__ })
/* The same in place, in x's dtype, which is not bool; .dtype can only be the same. */
CD_API cd_tensor *cd_cumsum_with_(cd_cumulative_options options);
CD_API cd_tensor *cd_cumprod_with_(cd_cumulative_options options);
#define cd_cumsum_(x_, ...) cd_cumsum_with_((cd_cumulative_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_cumprod_(x_, ...)                                                                       \
    cd_cumprod_with_((cd_cumulative_options){ .x = x_, .dim = __VA_ARGS__ })

/* Options of cd_cummax and cd_cummin. */
typedef struct cd_scan_options {
    cd_tensor *x;
    int dim; /* -1 is the last */
    CD_GUARD_;
    cd_tensor **indices; /* where to put the int64 indices; default: no indices */
} cd_scan_options;

/* torch.cummax: the largest element so far along dim; NaN once there is one. Of equal ones the last
 * counts, for the index and for the gradient. */
CD_API cd_tensor *cd_cummax_with(cd_scan_options options);
/* torch.cummin: the smallest, likewise. */
CD_API cd_tensor *cd_cummin_with(cd_scan_options options);
#define cd_cummax(x_, ...) cd_cummax_with((cd_scan_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_cummin(x_, ...) cd_cummin_with((cd_scan_options){ .x = x_, .dim = __VA_ARGS__ })

/* torch.logcumsumexp: y[k] = log(exp(x[0]) + ... + exp(x[k])) along dim, which does not overflow.
 * Floating dtypes. */
CD_API cd_tensor *cd_logcumsumexp(cd_tensor *x, int dim);

CD_END_DECLS

#endif
