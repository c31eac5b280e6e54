/* Elementwise kernels as the ops call them: over arguments of any layout, which broadcast to the
 * output's shape. */
#ifndef CANDELA_CORE_CPU_ELEMENTWISE_INTERNAL_H
#define CANDELA_CORE_CPU_ELEMENTWISE_INTERNAL_H

#include "core/cpu/map_internal.h"
#include "core/kernel_internal.h"

/* out = loop(in[0], ..., in[inputs - 1]), for CD_ITER_OPERANDS - 1 inputs at most. */
void cd_cpu_elementwise(cd_loop *loop, const cd_argument *out, int inputs, const cd_argument *in,
                        const void *params);
/* A launch by a map's loop, for the dtype of the last input, or of the output if there is no input.
 * The attributes are the map's params. */
void cd_cpu_map_launch(cd_map map, const cd_launch *launch);
/* out = in, converted to the dtype of out. */
void cd_cpu_convert(const cd_argument *out, const cd_argument *in);
/* Copies `in` into a part of `to`, converted to its dtype. The part has the shape of `in`, begins
 * `offset` elements into `to`, and has these strides (in elements), one for each dimension. */
void cd_cpu_copy_into(const cd_argument *to, const int64_t *stride, int64_t offset,
                      const cd_argument *in);
/* out = 0; it is contiguous. */
void cd_cpu_zero(const cd_argument *out);

#endif
