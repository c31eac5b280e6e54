/* What resample.c and its kernels in resample_typed.h share. */
#ifndef CANDELA_CORE_CPU_RESAMPLE_TAP_INTERNAL_H
#define CANDELA_CORE_CPU_RESAMPLE_TAP_INTERNAL_H

#include "core/cpu/resample_internal.h"

/* One summand of a slice, row or column of the result: which one of x, and its weight. */
typedef struct cd_resample_tap {
    int64_t from; /* -1 after the last summand, when there are fewer than `width` */
    double weight;
} cd_resample_tap;

/* The summands of all slices, rows or columns: `width` for each. */
typedef struct cd_resample_taps {
    cd_resample_tap *tap;
    int64_t width;
    int bits; /* of u8: weights are whole, and 2^bits stands for 1 */
} cd_resample_taps;

typedef struct cd_resample_task {
    const cd_resample_sizes *sizes;
    cd_resample_taps slices, rows, columns;
    const void *from; /* forward: x; backward: dy */
    void *to;         /* forward: y; backward: dx */
    void (*function)(const struct cd_resample_task *task, int64_t volume);
    int64_t volumes_in_piece;
    uint8_t *widened; /* of u8: x with the columns of y, volumes x slices.out x rows.in x
                         columns.out */
} cd_resample_task;

#endif
