/* Reductions: sums, products, extremes and where they are, over any dimensions of any view. */
#ifndef CANDELA_CORE_CPU_REDUCE_INTERNAL_H
#define CANDELA_CORE_CPU_REDUCE_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* How the input is walked: first the dimensions that stay, then those that are reduced, each
 * outermost first, with the input's strides in bytes. The output is contiguous over the first. */
typedef struct cd_reduce_shape {
    int kept, reduced; /* counts of dimensions, at most CD_MAX_DIMS together */
    int64_t size[CD_MAX_DIMS];
    int64_t stride[CD_MAX_DIMS];
} cd_reduce_shape;

/* f32 to f32 and f64 to f64, the other dtypes to i64, where they wrap. f32 is summed in double, so
 * its sum is that of the exact one rounded, but for cases near the middle of two floats. Over
 * nothing the sum is 0 and the product 1. The bits do not depend on the number of threads, nor on
 * the instruction set. */
void cd_cpu_sum(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);
void cd_cpu_prod(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);
/* The square root of the sum of squares, of f32 (in double) and f64. */
void cd_cpu_norm(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);

/* The extremes, of the input's dtype, and their numbers along the reduced dimensions (counted as if
 * contiguous), of which `out` or `indices` may be NULL. NaN wins over all numbers; of equal ones
 * the first. Over nothing the result is undefined: the caller refuses that. */
void cd_cpu_max(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                int64_t *indices);
void cd_cpu_min(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                int64_t *indices);

/* What a kernel file gives per dtype: a state per column, into which rows are folded. A tile of the
 * input has its element (row, column) at in + row * row_stride + column * column_stride. */
typedef struct cd_tile {
    int64_t columns, rows;
    int64_t column_stride, row_stride; /* bytes */
    int64_t first;                     /* number of the first row, for indices */
    const char *in;
} cd_tile;

typedef struct cd_fold {
    size_t element, state, result; /* bytes */
    void (*start)(int64_t columns, void *states);
    void (*fold)(const cd_tile *tile, void *states);
    /* Joins the states of later rows to those of earlier ones. */
    void (*join)(int64_t columns, void *states, const void *later);
    /* Writes from the states; either output may be NULL if the fold is indexed, else only out. */
    void (*finish)(int64_t columns, const void *states, void *out, int64_t *indices);
} cd_fold;

struct cd_cpu_sums {
    cd_fold sum[CD_DTYPE_COUNT], prod[CD_DTYPE_COUNT], norm[CD_DTYPE_COUNT];
};
struct cd_cpu_min_max {
    cd_fold max[CD_DTYPE_COUNT], min[CD_DTYPE_COUNT], argmax[CD_DTYPE_COUNT],
        argmin[CD_DTYPE_COUNT];
};

#endif
