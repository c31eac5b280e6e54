/* Numbers at even distances. */
#ifndef CANDELA_CORE_CPU_RANGE_INTERNAL_H
#define CANDELA_CORE_CPU_RANGE_INTERNAL_H

#include "core/kernel_internal.h"

/* out[i] = start + i step. The caller has seen that all are values of the dtype, which is not bool;
 * of an integer dtype start and step are whole. `out` is contiguous. */
void cd_cpu_arange(const cd_argument *out, double start, double step);

/* The first is start, the last is end, those between lie evenly; a single one is start. Of an
 * integer dtype, both ends and then every number are cut towards 0. The rest as for cd_cpu_arange.
 */
void cd_cpu_linspace(const cd_argument *out, double start, double end);

#endif
