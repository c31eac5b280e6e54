/* Maps over operands of one shape, up to five, each with strides of its own. */
#ifndef CANDELA_CORE_CPU_ITER_INTERNAL_H
#define CANDELA_CORE_CPU_ITER_INTERNAL_H

#include "core/cpu/map_internal.h"
#include "core/shape.h"

enum {
    CD_ITER_OPERANDS = 5,
    /* Elements of a piece: 128 kB of f32 per operand, against which the start of a piece costs
     * nothing. */
    CD_ITER_PIECE = 32 * 1024,
    /* With fewer elements, waking another thread costs more than it saves. */
    CD_ITER_ALONE = 2 * CD_ITER_PIECE
};

/* Operand 0 is the output. Strides are in bytes, outermost dimension first; a stride is 0 where the
 * operand is broadcast. No two elements of the output share memory. */
typedef struct cd_iter {
    int operands;
    int ndim;
    int64_t size[CD_MAX_DIMS];
    int64_t stride[CD_ITER_OPERANDS][CD_MAX_DIMS];
    char *data[CD_ITER_OPERANDS]; /* borrowed */
    int64_t
        element; /* bytes of an output element; 0 if unknown: the output is never streamed then */
} cd_iter;

/* Drops sizes of 1, orders the dimensions as the output lies in memory, and merges dimensions whose
 * strides allow it for every operand. No map gives another result for it. */
void cd_cpu_iter_coalesce(cd_iter *it);

/* Runs the loop over all elements. Call cd_cpu_iter_coalesce before, unless the iter is known to
 * have one dimension. Fewer than CD_ITER_ALONE elements run on the calling thread, more are pieces
 * of CD_ITER_PIECE elements for all threads. */
void cd_cpu_map(const cd_iter *it, cd_loop *loop, const void *params);

#endif
