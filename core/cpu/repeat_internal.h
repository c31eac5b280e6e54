/* A block of memory repeated along each of its dimensions. */
#ifndef CANDELA_CORE_CPU_REPEAT_INTERNAL_H
#define CANDELA_CORE_CPU_REPEAT_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* y, contiguous and of size[i] * times[i] in each dimension, none of them 0, has a block of these
 * sizes in its first corner: copies it to all other places. `element` in bytes. */
void cd_cpu_repeat(size_t element, cd_shape size, cd_shape times, void *y);

#endif
