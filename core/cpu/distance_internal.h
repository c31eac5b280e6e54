/* Distances between rows: y[j] = (sum |a[k] - b[j][k]|^p)^(1/p), the p-norm of the difference of a
 * row a and each of several rows b. For p = 0 it is how many elements differ, for p = inf the
 * largest difference. A difference that is NaN makes the distance NaN. */
#ifndef CANDELA_CORE_CPU_DISTANCE_INTERNAL_H
#define CANDELA_CORE_CPU_DISTANCE_INTERNAL_H

#include "core/cpu/cpu_internal.h"
#include "core/dtype.h"

/* A row, and those to which its distances are asked. All are f32 or f64, and contiguous. */
typedef struct cd_distances {
    double p; /* 0 or more */
    int64_t rows, width;
    const void *a; /* width */
    const void *b; /* rows x width */
} cd_distances;

struct cd_cpu_distance_table {
    void (*distances[CD_DTYPE_COUNT])(const cd_distances *d, void *y);
    void (*backward[CD_DTYPE_COUNT])(const cd_distances *d, const void *y, const void *dy,
                                     void *da);
    void (*squares[CD_DTYPE_COUNT])(int64_t rows, int64_t width, const void *x, void *y);
    void (*roots[CD_DTYPE_COUNT])(int64_t n, const void *a, const void *b, void *y);
};

static inline void cd_cpu_distances(cd_dtype dtype, const cd_distances *d, void *y)
{
    cd_cpu_kernels()->distance->distances[dtype](d, y);
}
/* da = the sum over j of dy[j] times the gradient of y[j] with respect to a. Where y is 0, that is
 * 0 too; for p = inf each element that reaches the distance has all of dy. */
static inline void cd_cpu_distances_backward(cd_dtype dtype, const cd_distances *d, const void *y,
                                             const void *dy, void *da)
{
    cd_cpu_kernels()->distance->backward[dtype](d, y, dy, da);
}

/* For distances by a product of matrices: y[i] = the sum of the squares of row i of x; and
 * y[j] = sqrt(y[j] + a + b[j]), where y[j] was -2 times the product of two rows, a and b[j] are
 * their squares, and what is below 0 by rounding becomes 0. `a` is one number. */
static inline void cd_cpu_row_squares(cd_dtype dtype, int64_t rows, int64_t width, const void *x,
                                      void *y)
{
    cd_cpu_kernels()->distance->squares[dtype](rows, width, x, y);
}
static inline void cd_cpu_distance_roots(cd_dtype dtype, int64_t n, const void *a, const void *b,
                                         void *y)
{
    cd_cpu_kernels()->distance->roots[dtype](n, a, b, y);
}

#endif
