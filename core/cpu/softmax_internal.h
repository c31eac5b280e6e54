/* softmax and log_softmax over the middle dimension of contiguous arrays of outer x n x inner
 * elements, f32 and f64 (torch.softmax, torch.log_softmax). */
#ifndef CANDELA_CORE_CPU_SOFTMAX_INTERNAL_H
#define CANDELA_CORE_CPU_SOFTMAX_INTERNAL_H

#include "core/dtype.h"

/* y = exp(x - m) / sum(exp(x - m)), where m is the maximum of the n elements. y may be x. If one of
 * the n is NaN, or if their maximum is infinite, all n results are NaN. */
void cd_cpu_softmax(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *x,
                    void *y);
/* y = x - m - log(sum(exp(x - m))). y may be x. NaN wherever PyTorch's result is. */
void cd_cpu_log_softmax(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *x,
                        void *y);

/* dx = y (dy - sum(dy y)), where y is the result of softmax. dx may be dy or y. */
void cd_cpu_softmax_backward(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *y,
                             const void *dy, void *dx);
/* dx = dy - exp(y) sum(dy), where y is the result of log_softmax. dx may be dy or y. */
void cd_cpu_log_softmax_backward(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner,
                                 const void *y, const void *dy, void *dx);

/* ---- between the files of softmax ---- */

enum {
    CD_SOFTMAX_COLUMNS = 128,  /* columns of a block, at most */
    CD_SOFTMAX_ROW_CHUNK = 512 /* elements of a row whose exponentials are stored, then added up */
};

/* For one row: n elements that are contiguous. Forward: in[0] is x. Backward: in[0] is y, in[1] dy.
 */
typedef void cd_softmax_row(int64_t n, const void *const *in, void *out);
/* For a block of `width` columns that stand side by side. The n elements of each column are `inner`
 * elements apart. */
typedef void cd_softmax_columns(int64_t n, int64_t inner, int64_t width, const void *const *in,
                                void *out);

typedef struct cd_softmax_pair {
    cd_softmax_row *row;
    cd_softmax_columns *columns;
} cd_softmax_pair;

struct cd_cpu_softmax_table {
    cd_softmax_pair forward[CD_DTYPE_COUNT], log_forward[CD_DTYPE_COUNT], backward[CD_DTYPE_COUNT],
        log_backward[CD_DTYPE_COUNT];
};

/* Prefetches `bytes` bytes at from + distance, which most often belong to the next row, while the
 * exponentials of this row, which need no memory, are computed. Harmless beyond the array's end. */
static inline void cd_softmax_prefetch(const void *from, int64_t distance, int64_t bytes)
{
    enum { LINE = 64 };
    for (int64_t i = 0; i < bytes; i += LINE) {
        __builtin_prefetch((const void *)((uintptr_t)from + (uintptr_t)(distance + i)), 0, 3);
    }
}

#endif
