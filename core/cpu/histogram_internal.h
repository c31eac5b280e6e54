/* Counting numbers by equal parts of a range (torch.histc). */
#ifndef CANDELA_CORE_CPU_HISTOGRAM_INTERNAL_H
#define CANDELA_CORE_CPU_HISTOGRAM_INTERNAL_H

#include "core/dtype.h"

/* How many pieces n elements are counted in; each has counts of its own. */
int64_t cd_cpu_histogram_pieces(int64_t n, int64_t bins);

/* y[i] = how many of n contiguous elements are in the i-th of `bins` equal parts of the range from
 * low to high, of which the last includes high; low is below high. Elements outside, and NaN, do
 * not count. x and y are of one floating dtype. `counts` has room for pieces x bins. */
void cd_cpu_histogram(cd_dtype dtype, int64_t n, const void *x, double low, double high,
                      int64_t bins, int64_t *counts, void *y);

#endif
