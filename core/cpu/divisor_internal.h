/* Divisors of 0 among integers. */
#ifndef CANDELA_CORE_CPU_DIVISOR_INTERNAL_H
#define CANDELA_CORE_CPU_DIVISOR_INTERNAL_H

#include "core/dtype.h"

/* The position of the first 0 among `count` elements of an integer dtype; `count` when there is
 * none, and for other dtypes. */
int64_t cd_cpu_first_zero(cd_dtype dtype, const void *data, int64_t count);

#endif
