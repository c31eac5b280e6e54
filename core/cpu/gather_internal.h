/* Elements picked by index, and put back or added back to where they came from (torch.gather,
 * torch.scatter and x[index]). */
#ifndef CANDELA_CORE_CPU_GATHER_INTERNAL_H
#define CANDELA_CORE_CPU_GATHER_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* A walk over values of this shape, each of which belongs to an element of a table. Position p
 * of the values is position p of the table too, but along the dimensions in which the table has
 * the stride 0: there an index says how much further the table's element is, in units of `along`
 * elements. The index has strides of its own, which are 0 in the dimensions that it does not
 * depend on. Strides are in elements; ndim is 1 or more. */
typedef struct cd_index_walk {
    int ndim;
    int64_t along;
    int64_t size[CD_MAX_DIMS];
    int64_t index_stride[CD_MAX_DIMS], table_stride[CD_MAX_DIMS], value_stride[CD_MAX_DIMS];
} cd_index_walk;

/* values[p] = the table's element for p. The caller has checked that every index is in range. */
void cd_cpu_gather(cd_dtype dtype, const cd_index_walk *walk, const int64_t *index,
                   const void *table, void *values);

/* What cd_cpu_scatter does with a value and the table's element for it. */
typedef enum cd_scatter {
    CD_SCATTER_SET = 0, /* the value replaces the element */
    CD_SCATTER_ADD,     /* integers wrap, bools are or'ed */
    CD_SCATTER_MULTIPLY /* integers wrap, bools are and'ed */
} cd_scatter;

/* Puts values[p] to the table's element for p. Where several values meet in one element, they come
 * in the order of the walk, the last dimension fastest, whatever the number of threads. */
void cd_cpu_scatter(cd_scatter how, cd_dtype dtype, const cd_index_walk *walk, const int64_t *index,
                    const void *values, void *table);

/* The position of the first of `count` indices that is below `low` or not below `end`; `count` when
 * there is none. */
int64_t cd_cpu_first_outside(const int64_t *index, int64_t count, int64_t low, int64_t end);

/* Indices into several dimensions at once: each is the position among the elements of these
 * dimensions, counted row by row, or from their end if it is negative. offset[i] = how far the
 * element at index[i] is from the first one, by these strides. */
void cd_cpu_index_offsets(int64_t count, const int64_t *index, int ndim, const int64_t *size,
                          const int64_t *stride, int64_t *offset);

/* y[i] = (index[0][i] size[1] + index[1][i]) size[2] + index[2][i] ..., for so many indices. A
 * negative one counts from the end of its size. */
void cd_cpu_index_join(int64_t count, int indices, const int64_t *size, const int64_t *const *index,
                       int64_t *y);

/* y [count x classes] = 1 at y[i][index[i]], and 0 elsewhere (torch.nn.functional.one_hot). */
void cd_cpu_one_hot(int64_t count, int64_t classes, const int64_t *index, int64_t *y);

#endif
