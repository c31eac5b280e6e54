/* Elements picked by index along the middle of three contiguous dimensions, and put back. */
#ifndef CANDELA_CORE_CPU_GATHER_INTERNAL_H
#define CANDELA_CORE_CPU_GATHER_INTERNAL_H

#include "core/dtype.h"

/* y[o][j][i] = x[o][index[o][j][i]][i], with x of outer x n x inner elements and y and index of
 * outer x k x inner. An index outside 0..n-1 gives 0: the caller has refused it before. */
void cd_cpu_gather(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, int64_t k,
                   const void *x, const int64_t *index, void *y);

/* dx = 0, then dx[o][index[o][j][i]][i] += dy[o][j][i], in the order of dy. f32 and f64. An index
 * outside 0..n-1 adds nothing. */
void cd_cpu_scatter_add(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, int64_t k,
                        const void *dy, const int64_t *index, void *dx);

#endif
