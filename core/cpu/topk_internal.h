/* The k largest along the middle of three contiguous dimensions. */
#ifndef CANDELA_CORE_CPU_TOPK_INTERNAL_H
#define CANDELA_CORE_CPU_TOPK_INTERNAL_H

#include "core/dtype.h"

/* values and indices of outer x k x inner from x of outer x n x inner, k at most n, in falling
 * order. NaN is larger than all numbers; of equal ones the first comes first. Not for bool. */
void cd_cpu_topk(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, int64_t k, const void *x,
                 void *values, int64_t *indices);

#endif
