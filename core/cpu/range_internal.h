/* Evenly spaced numbers (torch.arange, torch.linspace). */
#ifndef CANDELA_CORE_CPU_RANGE_INTERNAL_H
#define CANDELA_CORE_CPU_RANGE_INTERNAL_H

#include "core/kernel_internal.h"

/* out[i] = start + i step. `out` is contiguous. The caller has checked that all results are values
 * of the dtype, which is not bool; for an integer dtype start and step are whole numbers. */
void cd_cpu_arange(const cd_array *out, double start, double step);

/* out: evenly spaced numbers, the first of them start and the last end; a single number is start.
 * For an integer dtype start, end and then every number are truncated. Otherwise as cd_cpu_arange.
 */
void cd_cpu_linspace(const cd_array *out, double start, double end);

/* ---- between the files of range ---- */

/* The gaps between n numbers. One number has none; 1 avoids a division by 0. */
static inline int64_t cd_range_gaps(int64_t n)
{
    return n > 1 ? n - 1 : 1;
}

#endif
