/* The k largest or smallest elements along the middle dimension of a contiguous array
 * (torch.topk). */
#ifndef CANDELA_CORE_CPU_TOPK_INTERNAL_H
#define CANDELA_CORE_CPU_TOPK_INTERNAL_H

#include "core/dtype.h"

/* x has outer x n x inner elements, values and indices have outer x k x inner; k is at most n. The
 * results are in falling order, those of the smallest in rising order, where NaN is larger than all
 * numbers, and the first of equal ones comes first. Not for bool. */
void cd_cpu_topk(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, int64_t k, bool smallest,
                 const void *x, void *values, int64_t *indices);

#endif
