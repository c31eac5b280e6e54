/* Copies at which a plain loop over elements is slow: transposed ones, and those larger than the
 * cache. */
#ifndef CANDELA_CORE_CPU_COPY_INTERNAL_H
#define CANDELA_CORE_CPU_COPY_INTERNAL_H

#include "core/cpu/iter_internal.h"

/* Copies operand 1, of dtype `from`, to operand 0, of dtype `to`, and converts the elements if
 * these differ. Changes the iter as cd_cpu_iter_coalesce does. */
void cd_cpu_copy(cd_iter *it, cd_dtype from, cd_dtype to);

/* A result of this size or more does not stay in the cache, but for its end. It is stored past the
 * cache ("streamed"), so that the memory which it overwrites is not read before: that saves a
 * quarter to a third of the memory traffic of a map. */
enum { CD_STREAM_BYTES = 32 * 1024 * 1024 };

/* A matrix to copy transposed: element (r, c) goes from from + r * from_stride + c * size to
 * to + c * to_stride + r * size. Strides are in bytes, size is that of an element. */
typedef struct cd_transposed_block {
    int64_t rows, columns;
    const char *from;
    char *to;
    int64_t from_stride, to_stride;
    bool streamed; /* past the cache; `to` and to_stride are multiples of 64 bytes then */
} cd_transposed_block;

struct cd_cpu_copy_table {
    /* By dtype. NULL for elements of one byte, which a plain loop copies. */
    void (*transpose[CD_DTYPE_COUNT])(const cd_transposed_block *t);
    /* By dtype: the loop of a copy in reverse order, whose input has the stride -1 element and
     * whose output is contiguous. NULL for bool, whose bytes are made 0 and 1 by the plain loop. */
    cd_loop *reverse[CD_DTYPE_COUNT];
    /* Copies past the cache, between areas that do not overlap. NULL where the build cannot. */
    void (*stream)(void *to, const void *from, int64_t bytes);
    /* Comes after the last `stream` of a piece: before another thread may know that the piece is
     * done. It waits until memory has all of the stores, so it is too slow to come often. */
    void (*stream_end)(void);
};

#endif
