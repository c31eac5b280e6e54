/* Ops that put elements in order, and what follows from an order: sorting, searching, distinct
 * elements, counts. NaN is larger than all numbers. */
#ifndef CANDELA_AUTOGRAD_ORDER_OPS_H
#define CANDELA_AUTOGRAD_ORDER_OPS_H

#include "autograd/binary.h"
#include "autograd/index_ops.h"

CD_BEGIN_DECLS

/* --- sorting ---------------------------------------------------------------------------------- */

/* Options of cd_sort. */
typedef struct cd_sort_options {
    cd_tensor *x;
    int dim; /* -1 is the last */
    CD_GUARD_;
    bool descending;     /* the largest first */
    bool stable;         /* the sort is always stable; this only names the node as PyTorch does */
    cd_tensor **indices; /* where to put the int64 indices; default: no indices */
} cd_sort_options;

/* torch.sort: cd_sort(x, -1, .indices = &where). x in order along a dimension. Equal elements stay
 * in the order of x, descending too. */
CD_API cd_tensor *cd_sort_with(cd_sort_options options);
#define cd_sort(x_, ...) cd_sort_with((cd_sort_options){ .x = x_, .dim = __VA_ARGS__ })

/* Options of cd_argsort. */
typedef struct cd_argsort_options {
    cd_tensor *x;
    int dim; /* -1 is the last */
    CD_GUARD_;
    bool descending; /* the index of the largest first */
} cd_argsort_options;

/* torch.argsort: the indices of cd_sort, without a gradient. */
CD_API cd_tensor *cd_argsort_with(cd_argsort_options options);
#define cd_argsort(x_, ...) cd_argsort_with((cd_argsort_options){ .x = x_, .dim = __VA_ARGS__ })

/* torch.msort: cd_sort(x, 0). */
CD_API cd_tensor *cd_msort(cd_tensor *x);

/* Options of cd_kthvalue. */
typedef struct cd_kthvalue_options {
    cd_tensor *x;
    int64_t k;
    int dim; /* -1 is the last */
    CD_GUARD_;
    bool keepdim;        /* the dimension stays, with size 1 */
    cd_tensor **indices; /* where to put the int64 indices; default: no indices */
} cd_kthvalue_options;

/* torch.kthvalue: cd_kthvalue(x, 2, -1, .indices = &where). The k-th smallest element along a
 * dimension; 1 is the smallest. Of equal elements the first gives the index, and has the gradient
 * (PyTorch may choose another). Not for bool. */
CD_API cd_tensor *cd_kthvalue_with(cd_kthvalue_options options);
#define cd_kthvalue(x_, k_, ...)                                                                   \
    cd_kthvalue_with((cd_kthvalue_options){ .x = x_, .k = k_, .dim = __VA_ARGS__ })

/* --- searching -------------------------------------------------------------------------------- */

/* Options of cd_searchsorted. */
typedef struct cd_searchsorted_options {
    cd_tensor *sorted;
    cd_operand values;
    CD_GUARD_;
    bool right;        /* behind equal elements; default: before them */
    bool out_int32;    /* the result is int32; default: int64 */
    cd_tensor *sorter; /* the int64 indices that sort `sorted`, in its shape; default: it is in
                          order along its last dimension */
    bool unused_;
} cd_searchsorted_options;

/* torch.searchsorted: cd_searchsorted(sorted, values). Where each value, of a tensor or one number,
 * belongs among the sorted elements, from 0 to their number. `sorted` is a vector, or its
 * dimensions but for the last are those of values. The result has the shape of values. */
CD_API cd_tensor *cd_searchsorted_with(cd_searchsorted_options options);
#define cd_searchsorted(sorted_, ...)                                                              \
    cd_searchsorted_with(                                                                          \
        (cd_searchsorted_options){ .sorted = (sorted_),                                            \
                                   .values = CD_OPERAND(CD_HEAD_(__VA_ARGS__, 0)),                 \
                                   CD_TAIL_(__VA_ARGS__, .unused_ = false) })

/* Options of cd_bucketize. */
typedef struct cd_bucketize_options {
    cd_operand values;
    cd_tensor *boundaries;
    CD_GUARD_;
    bool right;     /* behind equal boundaries; default: before them */
    bool out_int32; /* the result is int32; default: int64 */
} cd_bucketize_options;

/* torch.bucketize: cd_bucketize(values, boundaries): cd_searchsorted with a vector of
 * boundaries. */
CD_API cd_tensor *cd_bucketize_with(cd_bucketize_options options);
#define cd_bucketize(values_, ...)                                                                 \
    cd_bucketize_with(                                                                             \
        (cd_bucketize_options){ .values = CD_OPERAND(values_), .boundaries = __VA_ARGS__ })

/* --- distinct elements ------------------------------------------------------------------------ */

/* Options of cd_unique and cd_unique_consecutive. */
typedef struct cd_unique_options {
    cd_tensor *x;
    CD_GUARD_;
    bool by_dim; /* distinct parts along `dim`; default: distinct elements, as a vector */
    int dim;
    cd_tensor **inverse; /* where to put, for each element or part of x, the int64 index of the one
                            in the result that is equal to it */
    cd_tensor **counts;  /* where to put, as int64, how often each is in x */
    bool unused_;
} cd_unique_options;

/* torch.unique: cd_unique(x, .counts = &counts). The distinct elements of x in order. No NaN is
 * equal to another. The result has no history: where PyTorch's backward pass is an error, here x
 * gets no gradient. */
CD_API cd_tensor *cd_unique_with(cd_unique_options options);
/* torch.unique_consecutive: the elements of x in their own order, without those that are equal to
 * the one before. */
CD_API cd_tensor *cd_unique_consecutive_with(cd_unique_options options);
#define cd_unique(...)                                                                             \
    cd_unique_with((cd_unique_options){ .x = CD_HEAD_(__VA_ARGS__, 0),                             \
                                        CD_TAIL_(__VA_ARGS__, .unused_ = false) })
#define cd_unique_consecutive(...)                                                                 \
    cd_unique_consecutive_with((cd_unique_options){ .x = CD_HEAD_(__VA_ARGS__, 0),                 \
                                                    CD_TAIL_(__VA_ARGS__, .unused_ = false) })

/* Options of cd_isin. */
typedef struct cd_isin_options {
    cd_operand x, elements;
    CD_GUARD_;
    bool invert; /* whether it is not among them */
    bool unused_;
} cd_isin_options;

/* torch.isin: cd_isin(x, elements). Whether each element of x is equal to one of the elements, as a
 * bool. One of the two may be a number. Not for bool. */
CD_API cd_tensor *cd_isin_with(cd_isin_options options);
#define cd_isin(x_, ...)                                                                           \
    cd_isin_with((cd_isin_options){ .x = CD_OPERAND(x_),                                           \
                                    .elements = CD_OPERAND(CD_HEAD_(__VA_ARGS__, 0)),              \
                                    CD_TAIL_(__VA_ARGS__, .unused_ = false) })

/* --- counts ----------------------------------------------------------------------------------- */

/* Options of cd_bincount. */
typedef struct cd_bincount_options {
    cd_tensor *x;
    CD_GUARD_;
    cd_tensor *weights; /* adds the weight of each element in place of 1; x's shape */
    int64_t minlength;  /* of the result */
    bool unused_;
} cd_bincount_options;

/* torch.bincount: y[i] = how often i is in x, a vector of integers that are not negative. y has
 * max(x) + 1 elements or more. It is int64; with weights float32 if they are, else float64. */
CD_API cd_tensor *cd_bincount_with(cd_bincount_options options);
#define cd_bincount(...)                                                                           \
    cd_bincount_with((cd_bincount_options){ .x = CD_HEAD_(__VA_ARGS__, 0),                         \
                                            CD_TAIL_(__VA_ARGS__, .unused_ = false) })

/* --- differences ------------------------------------------------------------------------------ */

/* Options of cd_diff. */
typedef struct cd_diff_options {
    cd_tensor *x;
    int dim; /* -1 is the last */
    CD_GUARD_;
    double n;                    /* how many times; default 1, and CD_ZERO for 0: a copy of x */
    cd_tensor *prepend, *append; /* joined to x before */
} cd_diff_options;

/* torch.diff: cd_diff(x, -1): y[i] = x[i + 1] - x[i] along a dimension; of bool, whether they
 * differ. */
CD_API cd_tensor *cd_diff_with(cd_diff_options options);
#define cd_diff(x_, ...) cd_diff_with((cd_diff_options){ .x = x_, .dim = __VA_ARGS__ })

CD_END_DECLS

#endif
