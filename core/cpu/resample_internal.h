/* Images resampled to another size (torch.nn.functional.interpolate): each slice, row and column of
 * the result is a weighted sum of some of x. Arrays are contiguous, and f32 or f64; forward they
 * may be u8, of which x has slices only in the modes of nearest. */
#ifndef CANDELA_CORE_CPU_RESAMPLE_INTERNAL_H
#define CANDELA_CORE_CPU_RESAMPLE_INTERNAL_H

#include "core/api.h"
#include "core/dtype.h"

typedef enum cd_resample_mode {
    CD_RESAMPLE_NEAREST = 0,
    CD_RESAMPLE_NEAREST_EXACT,
    CD_RESAMPLE_LINEAR,
    CD_RESAMPLE_CUBIC,
    CD_RESAMPLE_LINEAR_WIDE, /* antialias: where the result is smaller, the filter is as wide as the
                                distance of its pixels */
    CD_RESAMPLE_CUBIC_WIDE
} cd_resample_mode;

/* Slices, rows or columns: `in` of x become `out`, both at least 1. */
typedef struct cd_resample_axis {
    int64_t in, out;
    double scale; /* the factor that coordinates are computed with; 0: out / in */
    bool stays;   /* in = out, and nothing is resampled along it: the one row of a 1-d x, the one
                     slice of a 2-d x */
} cd_resample_axis;

typedef struct cd_resample_sizes {
    cd_resample_mode mode;
    bool align_corners;
    int64_t volumes;
    cd_resample_axis slices, rows, columns;
} cd_resample_sizes;

/* Bytes of workspace that both functions need; SIZE_MAX if the number does not fit. */
size_t cd_cpu_resample_workspace(const cd_resample_sizes *sizes, cd_dtype dtype);
/* y: volumes x slices.out x rows.out x columns.out. */
void cd_cpu_resample(const cd_resample_sizes *sizes, cd_dtype dtype, const void *x, void *y,
                     void *workspace);
/* dx: its gradient, volumes x slices.in x rows.in x columns.in. */
void cd_cpu_resample_backward(const cd_resample_sizes *sizes, cd_dtype dtype, const void *dy,
                              void *dx, void *workspace);

#endif
