/* A block of memory repeated along each of its dimensions. */
#ifndef CANDELA_CORE_CPU_REPEAT_INTERNAL_H
#define CANDELA_CORE_CPU_REPEAT_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* y is contiguous, of size[i] * times[i] elements in dimension i, none of which is 0. The block of
 * size[i] elements in each dimension that begins at index 0 is given; copies it to the rest of y
 * (torch.Tensor.repeat). `element` is the size of one in bytes. */
void cd_cpu_repeat(size_t element, cd_shape size, cd_shape times, void *y);

#endif
