/* A walk over one shape with up to five operands, each with strides of its own. */
#ifndef CANDELA_CORE_CPU_ITER_INTERNAL_H
#define CANDELA_CORE_CPU_ITER_INTERNAL_H

#include "core/cpu/map_internal.h"
#include "core/shape.h"

enum {
    CD_ITER_OPERANDS = 5,
    CD_ITER_PIECE = 32 * 1024, /* elements: 128 kB of f32 per operand, so a piece's start costs
                                  nothing */
    CD_ITER_ALONE =
        2 * CD_ITER_PIECE /* below this, waking another thread costs more than it saves */
};

/* Operand 0 is the output. A stride is in bytes, outermost dimension first, and 0 where the operand
 * is broadcast; no two elements of the output share memory. */
typedef struct cd_iter {
    int operands;
    int ndim;
    int64_t size[CD_MAX_DIMS];
    int64_t stride[CD_ITER_OPERANDS][CD_MAX_DIMS];
    char *data[CD_ITER_OPERANDS]; /* borrowed */
    int64_t element; /* bytes of an output element; 0, unknown, keeps outputs in the cache */
} cd_iter;

/* Drops sizes of 1, orders the dimensions so that the output is walked in the order of its memory,
 * and merges those that every operand walks as if they were one. The set of elements stays as it
 * is, and so does the result of any map. */
void cd_cpu_iter_coalesce(cd_iter *it);

/* Runs the loop over all elements; call cd_cpu_iter_coalesce first, unless the iter is known to
 * have one dimension. Below 64k elements on this thread, above in pieces of 32k elements on all of
 * them.
 */
void cd_cpu_map(const cd_iter *it, cd_loop *loop, const void *params);

#endif
