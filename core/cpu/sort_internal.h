/* Sorting along the middle dimension of a contiguous array (torch.sort). */
#ifndef CANDELA_CORE_CPU_SORT_INTERNAL_H
#define CANDELA_CORE_CPU_SORT_INTERNAL_H

#include "core/dtype.h"

/* The elements that a row may have: those of 32 bits or fewer are sorted with indices of 32
 * bits. */
#define CD_SORT_MOST UINT32_MAX

/* The bytes of `scratch` that cd_cpu_sort needs for rows of n elements; SIZE_MAX: too many. */
size_t cd_cpu_sort_bytes(cd_dtype dtype, int64_t rows, int64_t n);
/* x, values and indices have outer x n x inner elements, at least one. NaN is larger than all
 * numbers, and equal elements stay in the order of x, descending too. */
void cd_cpu_sort(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, bool descending,
                 const void *x, void *values, int64_t *indices, void *scratch);

#endif
