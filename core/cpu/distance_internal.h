/* Distances between rows: y[j] = (sum |a[k] - b[j][k]|^p)^(1/p), the p-norm of the difference of a
 * row a and each of several rows b. For p = 0 it is how many elements differ, for p = inf the
 * largest difference. A difference that is NaN makes the distance NaN. */
#ifndef CANDELA_CORE_CPU_DISTANCE_INTERNAL_H
#define CANDELA_CORE_CPU_DISTANCE_INTERNAL_H

#include "core/dtype.h"

/* A row, and those to which its distances are asked. All are f32 or f64, and contiguous. */
typedef struct cd_distances {
    double p; /* 0 or more */
    int64_t rows, width;
    const void *a; /* width */
    const void *b; /* rows x width */
} cd_distances;

void cd_cpu_distances(cd_dtype dtype, const cd_distances *d, void *y);
/* da = the sum over j of dy[j] times the gradient of y[j] with respect to a. Where y is 0, that is
 * 0 too; for p = inf each element that reaches the distance has all of dy. */
void cd_cpu_distances_backward(cd_dtype dtype, const cd_distances *d, const void *y, const void *dy,
                               void *da);

#endif
