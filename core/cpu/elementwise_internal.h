/* Elementwise kernels over arguments of any layout, which broadcast to the output's shape. */
#ifndef CANDELA_CORE_CPU_ELEMENTWISE_INTERNAL_H
#define CANDELA_CORE_CPU_ELEMENTWISE_INTERNAL_H

#include "core/cpu/map_internal.h"
#include "core/kernel_internal.h"

/* out = loop(in[0], ..., in[inputs - 1]), at most CD_ITER_OPERANDS - 1 inputs. */
void cd_cpu_elementwise(cd_loop *loop, const cd_argument *out, int inputs, const cd_argument *in,
                        const void *params);
/* The same by the map's loop for the dtype of the last input, or of the output without any. */
void cd_cpu_map_launch(cd_map map, const cd_launch *launch);
/* out = in, converted to its dtype. */
void cd_cpu_convert(const cd_argument *out, const cd_argument *in);
/* The same into the places of `to` that begin `offset` elements in and have these strides, one for
 * each dimension of the input. */
void cd_cpu_copy_into(const cd_argument *to, const int64_t *stride, int64_t offset,
                      const cd_argument *in);
/* out = 0, which is contiguous. */
void cd_cpu_zero(const cd_argument *out);

#endif
