/* Rows of a table, picked by index, and added back to where they came from (torch.nn.functional.
 * embedding). All arrays are contiguous; the caller has checked that every index is in range. */
#ifndef CANDELA_CORE_CPU_EMBEDDING_INTERNAL_H
#define CANDELA_CORE_CPU_EMBEDDING_INTERNAL_H

#include "core/dtype.h"

/* y[i] = table[index[i]], for rows of `bytes` bytes. */
void cd_cpu_take_rows(int64_t count, const int64_t *index, size_t bytes, const void *table,
                      void *y);

typedef struct cd_embedding_gradient {
    cd_dtype dtype;           /* CD_F32 or CD_F64 */
    int64_t count;            /* of indices */
    int64_t rows, size;       /* of the table */
    const int64_t *index;     /* count */
    int64_t skipped;          /* a row that gets nothing, such as the padding; -1: there is none */
    const int64_t *how_often; /* rows: by how much each row is divided; NULL: by 1 */
    const void *dy;           /* count x size */
    void *dx;                 /* rows x size */
} cd_embedding_gradient;

/* dx = 0, then dx[index[i]] += dy[i] / how_often[index[i]], in order. */
void cd_cpu_embedding_gradient(const cd_embedding_gradient *g);

#endif
