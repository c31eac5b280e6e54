/* Binary search in sorted rows (torch.searchsorted). */
#ifndef CANDELA_CORE_CPU_SEARCH_INTERNAL_H
#define CANDELA_CORE_CPU_SEARCH_INTERNAL_H

#include "core/dtype.h"

/* Rows of n sorted elements, and where values belong in them. All arrays are contiguous. */
typedef struct cd_search {
    cd_dtype dtype; /* of `sorted` and `values` */
    const void *sorted, *values;
    const int64_t *sorter; /* the indices that sort each row of `sorted`; NULL: it is in order */
    int64_t n;
    int64_t count, each; /* how many values; so many in turn are searched in a row */
    bool right;          /* behind equal elements; else before them */
    bool int32;          /* `out` is int32; else int64 */
    void *out;
} cd_search;

/* Where `sorted` has NaN, or the value is NaN, the search goes on behind the element, as
 * PyTorch's. */
void cd_cpu_search(const cd_search *search);

#endif
