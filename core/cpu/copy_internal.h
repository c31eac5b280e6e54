/* Copies that a plain loop over elements is slow at: transposed ones, and those past the cache. */
#ifndef CANDELA_CORE_CPU_COPY_INTERNAL_H
#define CANDELA_CORE_CPU_COPY_INTERNAL_H

#include "core/cpu/iter_internal.h"

/* Copies operand 1, of dtype `from`, to operand 0, of dtype `to`, and converts if they differ.
 * Changes the iter as cd_cpu_iter_coalesce does. */
void cd_cpu_copy(cd_iter *it, cd_dtype from, cd_dtype to);

/* Results of at least this size leave no more than their end in a cache. Stored past it they cost
 * no read of what they overwrite, which is a quarter to a third of the traffic of a map. */
enum { CD_STREAM_BYTES = 32 * 1024 * 1024 };

/* Rows by columns elements side by side in a row: (r, c) goes from
 * from + r * from_stride + c * size to to + c * to_stride + r * size. Strides are in bytes. */
typedef struct cd_transposed_block {
    int64_t rows, columns;
    const char *from;
    char *to;
    int64_t from_stride, to_stride;
    bool streamed; /* past the cache: `to` and its stride are multiples of 64 */
} cd_transposed_block;

struct cd_cpu_copy {
    void (*transpose_4)(const cd_transposed_block *t); /* elements of 4 bytes, and of 8 */
    void (*transpose_8)(const cd_transposed_block *t);
    /* Copies past the cache, between areas that are apart. NULL where the build cannot. */
    void (*stream)(void *to, const void *from, int64_t bytes);
};

#endif
