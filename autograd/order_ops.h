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
 * belongs among the sorted elements, from 0 to their number. `sorted` is a vector, or its dimensions
 * but for the last are those of values. The result has the shape of values. */
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

/* torch.bucketize: cd_bucketize(values, boundaries): cd_searchsorted with a vector of boundaries. */
CD_API cd_tensor *cd_bucketize_with(cd_bucketize_options options);
#define cd_bucketize(values_, ...)                                                                 \
    cd_bucketize_with(                                                                             \
        (cd_bucketize_options){ .values = CD_OPERAND(values_), .boundaries = __VA_ARGS__ })

CD_END_DECLS

#endif
