/* Counting integers (torch.bincount). */
#ifndef CANDELA_CORE_CPU_COUNT_INTERNAL_H
#define CANDELA_CORE_CPU_COUNT_INTERNAL_H

#include "core/dtype.h"

/* The largest of n integers, at least -1. */
int64_t cd_cpu_largest(const int64_t *x, int64_t n);
/* out[x[i]] += weights[i], or 1 without weights, for each of the n integers, one after the other.
 * `out` has `bins` elements of the dtype, which is also that of the weights, and more than any x;
 * it is set to 0 before. */
void cd_cpu_count(cd_dtype dtype, const int64_t *x, int64_t n, const void *weights, int64_t bins,
                  void *out);

#endif
