/* Elements picked by index along one dimension, and added back to where they came from. */
#ifndef CANDELA_CORE_CPU_GATHER_INTERNAL_H
#define CANDELA_CORE_CPU_GATHER_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* A walk over an index of this shape, whose elements lie one after the other. Its element at
 * position p stands for element p of the values, and for that element of the table which is at p
 * too but along `dim`, where it is at the index. Strides are in elements; ndim is 1 or more. */
typedef struct cd_index_walk {
    int ndim, dim;
    int64_t size[CD_MAX_DIMS];
    int64_t table_stride[CD_MAX_DIMS], value_stride[CD_MAX_DIMS];
} cd_index_walk;

/* values = the table's elements. The caller has seen that every index is in range. */
void cd_cpu_gather(cd_dtype dtype, const cd_index_walk *walk, const int64_t *index,
                   const void *table, void *values);

/* The table's elements += values, in the order of the index wherever several meet in one. Integers
 * wrap, bools are or'ed. */
void cd_cpu_scatter_add(cd_dtype dtype, const cd_index_walk *walk, const int64_t *index,
                        const void *values, void *table);

/* The place of the first index outside 0..size-1, counted row by row; `count` when there is none.
 */
int64_t cd_cpu_first_outside(const int64_t *index, int64_t count, int64_t size);

/* y = 0, but 1 at y[i][index[i]]; y has count x classes elements. */
void cd_cpu_one_hot(int64_t count, int64_t classes, const int64_t *index, int64_t *y);

#endif
