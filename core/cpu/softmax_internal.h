/* softmax and log_softmax along the middle of three contiguous dimensions, f32 and f64. */
#ifndef CANDELA_CORE_CPU_SOFTMAX_INTERNAL_H
#define CANDELA_CORE_CPU_SOFTMAX_INTERNAL_H

#include "core/dtype.h"

/* y = exp(x - m) / sum(exp(x - m)) and y = x - m - log(sum(exp(x - m))), m the maximum, over n
 * elements that lie `inner` apart, for each of outer * inner such rows. y may be x. A row with NaN
 * or with an infinite maximum is NaN throughout (log_softmax: wherever PyTorch's is). */
void cd_cpu_softmax(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *x,
                    void *y);
void cd_cpu_log_softmax(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *x,
                        void *y);

/* dx = y (dy - sum(dy y)), and dx = dy - exp(y) sum(dy), y being the forward's result. dx may be dy
 * or y. */
void cd_cpu_softmax_backward(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, const void *y,
                             const void *dy, void *dx);
void cd_cpu_log_softmax_backward(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner,
                                 const void *y, const void *dy, void *dx);

/* One row of n elements side by side, or `width` of them (at most CD_SOFTMAX_WIDTH) that stand side
 * by side with their elements `inner` apart. Forward: in[0] is x. Backward: in[0] is y, in[1] dy.
 */
enum { CD_SOFTMAX_WIDTH = 128 };
typedef void cd_softmax_row(int64_t n, const void *const *in, void *out);
typedef void cd_softmax_columns(int64_t n, int64_t inner, int64_t width, const void *const *in,
                                void *out);

typedef struct cd_softmax_pair {
    cd_softmax_row *row;
    cd_softmax_columns *columns;
} cd_softmax_pair;

struct cd_cpu_softmax {
    cd_softmax_pair forward[CD_DTYPE_COUNT], log_forward[CD_DTYPE_COUNT], backward[CD_DTYPE_COUNT],
        log_backward[CD_DTYPE_COUNT];
};

#endif
