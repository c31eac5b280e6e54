/* Elements picked by index along one dimension, and added back to where they came from
 * (torch.gather and torch.scatter_add). */
#ifndef CANDELA_CORE_CPU_GATHER_INTERNAL_H
#define CANDELA_CORE_CPU_GATHER_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* A walk over a contiguous index of this shape. Position p of the index stands for element p of the
 * values. In the table it stands for the element at p as well, except that the position along `dim`
 * is the index's value. Strides are in elements; ndim is 1 or more. */
typedef struct cd_index_walk {
    int ndim, dim;
    int64_t size[CD_MAX_DIMS];
    int64_t table_stride[CD_MAX_DIMS], value_stride[CD_MAX_DIMS];
} cd_index_walk;

/* values[p] = the table's element for p. The caller has checked that every index is in range. */
void cd_cpu_gather(cd_dtype dtype, const cd_index_walk *walk, const int64_t *index,
                   const void *table, void *values);

/* The table's element for p += values[p]. Where several values meet in one element, they are added
 * in the order of the index. Integers wrap, bools are or'ed. */
void cd_cpu_scatter_add(cd_dtype dtype, const cd_index_walk *walk, const int64_t *index,
                        const void *values, void *table);

/* The position of the first of `count` indices that is outside 0..size-1; `count` when there is
 * none. */
int64_t cd_cpu_first_outside(const int64_t *index, int64_t count, int64_t size);

/* y [count x classes] = 1 at y[i][index[i]], and 0 elsewhere (torch.nn.functional.one_hot). */
void cd_cpu_one_hot(int64_t count, int64_t classes, const int64_t *index, int64_t *y);

#endif
