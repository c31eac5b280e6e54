/* Elements chosen by a mask (torch.masked_select and masked_scatter). A mask has one byte for each
 * element, in order; the element is chosen where the byte is not 0. */
#ifndef CANDELA_CORE_CPU_MASKED_INTERNAL_H
#define CANDELA_CORE_CPU_MASKED_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* The number of chosen elements. */
int64_t cd_cpu_mask_count(const uint8_t *mask, int64_t n);

/* y = the chosen elements of x, in order; `count` is their number. */
void cd_cpu_masked_select(cd_dtype dtype, const uint8_t *mask, int64_t count, const void *x,
                          void *y);

/* The chosen elements of y = those of source, in order; `count` is their number. */
void cd_cpu_masked_scatter(cd_dtype dtype, const uint8_t *mask, int64_t count, const void *source,
                           void *y);

/* y [count x ndim] = the indices of the chosen elements, of a mask of this shape, in order; `count`
 * is their number. */
void cd_cpu_nonzero(const uint8_t *mask, int64_t count, cd_shape shape, int64_t *y);

#endif
