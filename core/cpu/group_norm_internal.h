/* Group normalisation of x [images x channels x pixels], f32 and f64 (torch.nn.functional.
 * group_norm): the channels of an image are in `groups` groups of equal size, and each group is
 * normalised by its own mean and biased variance. Then each channel has its weight and bias.
 *
 * All arrays are contiguous and of one dtype. weight and bias, which may be NULL, have an element
 * for each channel; mean and rstd one for each image and group, counted row by row. The caller has
 * checked everything. */
#ifndef CANDELA_CORE_CPU_GROUP_NORM_INTERNAL_H
#define CANDELA_CORE_CPU_GROUP_NORM_INTERNAL_H

#include "core/dtype.h"

typedef struct cd_group_norm_call {
    cd_dtype dtype; /* CD_F32 or CD_F64 */
    int64_t images, channels, pixels, groups;
    const void *weight, *bias; /* NULL: 1 for weight, 0 for bias */
    double eps;
} cd_group_norm_call;

/* Writes y, and for the backward pass mean and rstd, which may be NULL. */
void cd_cpu_group_norm(const cd_group_norm_call *norm, const void *x, void *y, void *mean,
                       void *rstd);

/* The gradients. Any of dx, dweight and dbias may be NULL. `sums` has room for 2 * images *
 * channels doubles. */
void cd_cpu_group_norm_backward(const cd_group_norm_call *norm, const void *dy, const void *x,
                                const void *mean, const void *rstd, void *dx, void *dweight,
                                void *dbias, double *sums);

#endif
