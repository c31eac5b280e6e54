/* Reductions over any dimensions of any view: sums, products, norms, variances, maxima and
 * minima with their indices, and whether elements are 0. */
#ifndef CANDELA_CORE_CPU_REDUCE_INTERNAL_H
#define CANDELA_CORE_CPU_REDUCE_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* The input's dimensions: first those that are kept, then those that are reduced, each outermost
 * first. Strides are in bytes. The output is contiguous over the kept dimensions. */
typedef struct cd_reduce_shape {
    int kept, reduced; /* counts of dimensions, at most CD_MAX_DIMS together */
    int64_t size[CD_MAX_DIMS];
    int64_t stride[CD_MAX_DIMS];
} cd_reduce_shape;

/* The sum; 0 over no elements. An f32 or f64 gives its own dtype, any other dtype gives i64, where
 * sums wrap. f32 is summed in double: the result is the exact sum rounded, except where that is
 * close to the middle of two floats. The bits depend neither on the number of threads nor on the
 * instruction set. */
void cd_cpu_sum(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);
/* The sum of the elements that are not NaN, likewise. */
void cd_cpu_nansum(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);
/* The product; 1 over no elements. Dtypes and bits as for the sum. */
void cd_cpu_prod(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);
/* The square root of the sum of squares, of f32 (in double) and f64. */
void cd_cpu_norm(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);

/* The maximum, of the input's dtype, and its index along the reduced dimensions, counted as if
 * these were contiguous. `out` or `indices` may be NULL. NaN is larger than every number; of equal
 * elements the first is taken. Undefined over no elements: the caller refuses that. */
void cd_cpu_max(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                int64_t *indices);
/* The minimum, likewise. Here NaN is less than every number. */
void cd_cpu_min(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                int64_t *indices);

/* What cd_cpu_var gives: sum((x - mean)^2) / (n - correction), with 0 for a negative divisor;
 * `root`: its square root. */
typedef struct cd_spread {
    double correction;
    bool root;
} cd_spread;
/* The variance or its root, and the mean (NULL: not wanted), of f32 or f64, computed in double with
 * the mean subtracted first. Bits as for the sum. */
void cd_cpu_var(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out, void *mean,
                const cd_spread *spread);

/* Whether an element is not 0, as a byte 0 or 1. NaN is not 0. */
void cd_cpu_any(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);
/* Whether no element is 0. */
void cd_cpu_all(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);
/* How many elements are not 0, as i64. */
void cd_cpu_count_nonzero(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out);

/* ---- between the files of reduce, and for order.c ---- */

/* The offset in bytes of element `number`, counted as if these dimensions were contiguous. *left is
 * the number of elements from it on along the last dimension, 1 where there is none. */
static inline int64_t cd_reduce_offset(int64_t number, int count, const int64_t *sizes,
                                       const int64_t *strides, int64_t *left)
{
    int64_t offset = 0;
    *left = 1;
    for (int d = count - 1; d >= 0; d--) {
        const int64_t index = number % sizes[d];
        if (d == count - 1) *left = sizes[d] - index;
        offset += index * strides[d];
        number /= sizes[d];
    }
    return offset;
}

/* A part of the input: its columns belong to as many outputs, its rows are reduced. Element (row,
 * column) is at in + row * row_stride + column * column_stride. */
typedef struct cd_reduce_tile {
    int64_t columns, rows;
    int64_t column_stride, row_stride; /* bytes */
    int64_t first;                     /* index of the first row along the reduced dimensions */
    const char *in;
} cd_reduce_tile;

/* Joins sixteen partial results by halves: step_(8), step_(4), step_(2) and step_(1), where step_
 * is a loop over so many. Of loops of a known length, and not of one whose length is halved,
 * compilers make vector code. */
#define CD_REDUCE_HALVES(step_) step_(8) step_(4) step_(2) step_(1)

/* One reduction of one dtype. Each output has a state (an accumulator), into which rows are folded.
 */
typedef struct cd_fold {
    size_t element, state, result; /* bytes of one */
    size_t second;                 /* bytes of one second result, such as an index; or 0 */
    /* Sets the states of outputs that no element has been folded into. */
    void (*start)(int64_t columns, void *states);
    /* Folds a tile's rows into the states of its columns. */
    void (*fold)(const cd_reduce_tile *tile, void *states);
    /* Folds states of later rows into those of earlier ones. */
    void (*join)(int64_t columns, void *states, const void *later);
    /* Writes the results. A fold with second results allows `second` to be NULL, one with indices
     * `out` too. `params` is what the fold's caller gave. */
    void (*finish)(int64_t columns, const void *states, void *out, void *second,
                   const void *params);
} cd_fold;

struct cd_cpu_sums_table {
    cd_fold sum[CD_DTYPE_COUNT], nansum[CD_DTYPE_COUNT], prod[CD_DTYPE_COUNT], norm[CD_DTYPE_COUNT];
};
struct cd_cpu_min_max_table {
    cd_fold max[CD_DTYPE_COUNT], min[CD_DTYPE_COUNT], argmax[CD_DTYPE_COUNT],
        argmin[CD_DTYPE_COUNT];
};
struct cd_cpu_moments_table {
    cd_fold moments[CD_DTYPE_COUNT];
};
struct cd_cpu_truth_table {
    cd_fold any[CD_DTYPE_COUNT], all[CD_DTYPE_COUNT], count[CD_DTYPE_COUNT];
};

#endif
