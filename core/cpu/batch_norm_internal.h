/* Batch normalisation over x [images x channels x pixels], f32 and f64: every channel by the mean
 * and variance of its images * pixels values. pixels is the product of the spatial sizes, 1 for
 * none. Kernels: the caller has checked everything.
 *
 *     y = (x - mean) * invstd * gamma + beta        invstd = 1 / sqrt(var + eps)
 *
 * x, y, dy and dx are contiguous; gamma, beta, means and the rest have one element per channel, of
 * the dtype of x. Statistics and sums are taken in double, in an order that depends on the shape
 * alone. */
#ifndef CANDELA_CORE_CPU_BATCH_NORM_INTERNAL_H
#define CANDELA_CORE_CPU_BATCH_NORM_INTERNAL_H

#include "core/dtype.h"

typedef struct cd_batch_norm_call {
    cd_dtype dtype; /* CD_F32 or CD_F64 */
    int64_t images, channels, pixels;
    const void *gamma, *beta; /* NULL: 1 and 0 */
    double eps;
} cd_batch_norm_call;

/* Training: mean and biased variance of the batch. Writes y and, for the backward pass, save_mean
 * and save_invstd; of an empty batch these are 0, and nothing else is written. Where running_mean
 * and running_var are not NULL: running = (1 - momentum) * running + momentum * new with the
 * unbiased variance, which needs images * pixels >= 2. */
void cd_cpu_batch_norm_train(const cd_batch_norm_call *norm, const void *x, void *y,
                             void *save_mean, void *save_invstd, void *running_mean,
                             void *running_var, double momentum);

/* Inference: mean and variance are given. */
void cd_cpu_batch_norm_eval(const cd_batch_norm_call *norm, const void *x, const void *running_mean,
                            const void *running_var, void *y);

/* Gradients of cd_batch_norm_train. Any of dx, dgamma, dbeta may be NULL; beta is not read.
 *     dbeta = sum dy        dgamma = sum dy * xhat,      xhat = (x - mean) * invstd
 *     dx = gamma * invstd * (dy - mean(dy) - xhat * mean(dy * xhat)) */
void cd_cpu_batch_norm_train_backward(const cd_batch_norm_call *norm, const void *dy, const void *x,
                                      const void *save_mean, const void *save_invstd, void *dx,
                                      void *dgamma, void *dbeta);

/* Gradients of cd_batch_norm_eval: as above, but dx = gamma * invstd * dy. */
void cd_cpu_batch_norm_eval_backward(const cd_batch_norm_call *norm, const void *dy, const void *x,
                                     const void *running_mean, const void *running_var, void *dx,
                                     void *dgamma, void *dbeta);

/* ---- between the files of batch norm ---- */

/* The places of one channel: `runs` runs of `length` elements, their starts `stride` apart. */
typedef struct cd_batch_norm_channel {
    int64_t runs, length, stride;
} cd_batch_norm_channel;

/* Kernels over one channel, whose arrays start at its first element. */
typedef struct cd_batch_norm_kernels {
    /* Sum of x; sum of (x - mean)^2; sums of dy and of dy * (x - mean). */
    double (*sum)(cd_batch_norm_channel at, const void *x);
    double (*squares)(cd_batch_norm_channel at, const void *x, double mean);
    void (*products)(cd_batch_norm_channel at, const void *dy, const void *x, double mean,
                     double *sum_dy, double *sum_product);
    /* y = (x - mean) * scale + shift */
    void (*normalise)(cd_batch_norm_channel at, const void *x, double mean, double scale,
                      double shift, void *y);
    /* dx = dy * scale + (x - mean) * slope + shift */
    void (*gradient)(cd_batch_norm_channel at, const void *dy, const void *x, double mean,
                     double scale, double slope, double shift, void *dx);
} cd_batch_norm_kernels;

struct cd_cpu_batch_norm {
    cd_batch_norm_kernels f32, f64;
};

#endif
