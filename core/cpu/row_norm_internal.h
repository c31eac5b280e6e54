/* Normalisation of the rows of x [rows x size], f32 and f64 (torch.nn.functional.layer_norm and
 * rms_norm). Each row is normalised by its own mean and biased variance; for rms_norm the mean
 * counts as 0.
 *
 *     y = (x - mean) * rstd * weight + bias        rstd = 1 / sqrt(var + eps)
 *
 * All arrays are contiguous and of one dtype. weight and bias have `size` elements, mean and rstd
 * one for each row. Sums along a row are taken in an order that depends on the shape
 * alone. The caller has checked everything. */
#ifndef CANDELA_CORE_CPU_ROW_NORM_INTERNAL_H
#define CANDELA_CORE_CPU_ROW_NORM_INTERNAL_H

#include "core/dtype.h"

typedef struct cd_row_norm_call {
    cd_dtype dtype; /* CD_F32 or CD_F64 */
    int64_t rows, size;
    const void *weight, *bias; /* NULL: 1 for weight, 0 for bias */
    double eps;
    bool centred; /* false: the mean counts as 0 */
} cd_row_norm_call;

/* Writes y, and for the backward pass mean and rstd, which may be NULL. */
void cd_cpu_row_norm(const cd_row_norm_call *norm, const void *x, void *y, void *mean, void *rstd);

/* The gradients, where xhat = (x - mean) * rstd and g = dy * weight:
 *
 *     dbias = sum over rows of dy        dweight = sum over rows of dy * xhat
 *     dx = rstd * (g - mean(g) - xhat * mean(g * xhat))        without mean(g) if not centred
 *
 * Any of dx, dweight and dbias may be NULL. bias and eps are not read. `workspace` has
 * cd_cpu_row_norm_sums(rows, size) elements, if dweight or dbias is given; x may be NULL if neither
 * dx nor dweight is. */
void cd_cpu_row_norm_backward(const cd_row_norm_call *norm, const void *dy, const void *x,
                              const void *mean, const void *rstd, void *dx, void *dweight,
                              void *dbias, void *workspace);
int64_t cd_cpu_row_norm_sums(int64_t rows, int64_t size);

/* ---- between the files of row norm ---- */

/* What the gradient of one row needs, beside the row of dy and of x. A row that is not wanted is
 * NULL. */
typedef struct cd_row_norm_gradient {
    int64_t size;
    double mean, rstd;
    bool centred;
    const void *weight;
    void *dx;
    void *dweight, *dbias; /* sums, to which the row is added */
} cd_row_norm_gradient;

/* Kernels over one row, of one dtype. */
typedef struct cd_row_norm_kernels {
    /* The mean, 0 if not centred, and the mean square of what is left. */
    void (*moments)(int64_t size, const void *x, bool centred, double *mean, double *square);
    /* y = (x - mean) * rstd * weight + bias; weight and bias may be NULL */
    void (*normalise)(int64_t size, const void *x, double mean, double rstd, const void *weight,
                      const void *bias, void *y);
    void (*gradient)(const cd_row_norm_gradient *row, const void *dy, const void *x);
    /* to[i] = sum over k of from[k * stride + i], for i from `first` up to but without `end` */
    void (*add_up)(int64_t count, int64_t stride, const void *from, int64_t first, int64_t end,
                   void *to);
} cd_row_norm_kernels;

struct cd_cpu_row_norm_table {
    cd_row_norm_kernels row[CD_DTYPE_COUNT];
};

#endif
