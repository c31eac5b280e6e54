/* Elementwise kernels as the ops call them: over arguments of any layout, which broadcast to the
 * output's shape. */
#ifndef CANDELA_CORE_CPU_ELEMENTWISE_INTERNAL_H
#define CANDELA_CORE_CPU_ELEMENTWISE_INTERNAL_H

#include "core/cpu/map_internal.h"
#include "core/kernel_internal.h"
#include "core/operand_internal.h"

/* out = loop(in[0], ..., in[inputs - 1]), for CD_ITER_OPERANDS - 1 inputs at most. */
void cd_cpu_elementwise(cd_loop *loop, const cd_array *out, int inputs, const cd_array *in,
                        const void *params);
/* A launch by a map's loop, for the dtype of the last input, or of the output if there is no input.
 * The attributes are the map's params. */
void cd_cpu_map_launch(cd_map map, const cd_launch *launch);
/* out = in, converted to the dtype of out. */
void cd_cpu_convert(const cd_array *out, const cd_array *in);
/* Copies `in` into a part of `to`, converted to its dtype. The part has the shape of `in`, begins
 * `offset` elements into `to`, and has these strides (in elements), one for each dimension. */
void cd_cpu_copy_into(const cd_array *to, const int64_t *stride, int64_t offset,
                      const cd_array *in);
/* out = 0; it is contiguous. */
void cd_cpu_zero(const cd_array *out);

/* --- steps that the run functions of several ops share ---------------------------------------- */

/* out = map(in[0], ..., in[inputs - 1]), by the map's loop for the dtype of the last input. */
static inline void cd_cpu_apply(cd_map map, const cd_array *out, int inputs, const cd_array *in)
{
    cd_cpu_elementwise(cd_cpu_loop(map, in[inputs - 1].layout->dtype), out, inputs, in, NULL);
}

/* A number as an input of a kernel: converted to the dtype, and stored in *room, which has the
 * bytes for an element of any dtype. */
static inline cd_array cd_cpu_number(double number, cd_dtype dtype, int64_t *room)
{
    const cd_operand operand = cd_operand_double(number);
    cd_operand_store(&operand, dtype, room);
    return (cd_array){ room, &cd_number_layout[dtype] };
}

/* out = map(a, number), the number in the dtype of a. */
static inline void cd_cpu_apply_number(cd_map map, const cd_array *out, const cd_array *a,
                                       double number)
{
    int64_t room;
    const cd_dtype dtype = a->layout->dtype;
    const cd_array in[2] = { *a, cd_cpu_number(number, dtype, &room) };
    cd_cpu_elementwise(cd_cpu_loop(map, dtype), out, 2, in, NULL);
}

/* For an output that a kernel changes from the values of an input: copies them there, unless the op
 * runs in place, where both are the same memory. Returns the output's elements, NULL for an output
 * that is absent. */
static inline void *cd_cpu_start_from(const cd_array *out, const cd_array *in)
{
    if (out->data && out->data != in->data) cd_cpu_convert(out, in);
    return out->data;
}

#endif
