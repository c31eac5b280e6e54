/* Order statistics over any dimensions of any view: medians and modes with their indices, and
 * quantiles. */
#ifndef CANDELA_CORE_CPU_ORDER_INTERNAL_H
#define CANDELA_CORE_CPU_ORDER_INTERNAL_H

#include "core/cpu/reduce_internal.h"

typedef enum cd_order_statistic {
    CD_MEDIAN, /* the lower one in the middle; NaN if there is one; the first index of equal ones */
    CD_NANMEDIAN, /* that of the elements that are not NaN; NaN if there are none */
    CD_KTH,       /* that of a given rank; NaN is the largest; the first index of equal ones */
    CD_MODE /* what occurs most often, of several the smallest; the last index of equal ones */
} cd_order_statistic;

/* The bytes of `keys` that cd_cpu_order needs for so many elements in all. SIZE_MAX: too many. */
size_t cd_cpu_order_bytes(cd_order_statistic what, int64_t elements);
/* The value of each output, of the input's dtype, and its index along the reduced dimensions,
 * counted as if these were contiguous. `out` and `indices` are contiguous over the kept
 * dimensions; `indices` may be NULL. Each output has an element at least. The rank, from 0 on, is
 * for CD_KTH alone. */
void cd_cpu_order(cd_order_statistic what, int64_t rank, cd_dtype dtype,
                  const cd_reduce_shape *shape, const void *in, void *out, int64_t *indices,
                  uint64_t *keys);

/* What a quantile is between two elements; see cd_interpolation of autograd/reduction.h, which
 * has the same order. */
enum { CD_ON_LINE, CD_BELOW, CD_ABOVE, CD_MIDDLE, CD_NEARER };

/* Quantiles. */
typedef struct cd_quantile {
    double q;          /* from 0 to 1 */
    int interpolation; /* one of these */
    bool ignore_nan;
    /* For the gradient; may be NULL, all three: the indices of the elements below and above, and
     * the weight of the latter, of the input's dtype. */
    int64_t *below, *above;
    void *weight;
} cd_quantile;

/* The quantile of each output, computed in the input's dtype, f32 or f64. `keys` is as for a
 * median. */
void cd_cpu_quantile(const cd_quantile *what, cd_dtype dtype, const cd_reduce_shape *shape,
                     const void *in, void *out, uint64_t *keys);

#endif
