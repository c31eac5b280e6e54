/* Batch normalisation of x [images x channels x pixels], f32 and f64
 * (torch.nn.functional.batch_norm). Each channel is normalised by the mean and variance of its
 * images * pixels elements. pixels is the product of the spatial sizes, or 1 if there are none.
 *
 *     y = (x - mean) * invstd * gamma + beta        invstd = 1 / sqrt(var + eps)
 *
 * x, y, dy and dx are contiguous. gamma, beta and the statistics have one element for each channel,
 * of the dtype of x. Sums are taken in double, in an order that depends on the shape alone. The
 * caller has checked everything. */
#ifndef CANDELA_CORE_CPU_BATCH_NORM_INTERNAL_H
#define CANDELA_CORE_CPU_BATCH_NORM_INTERNAL_H

#include "core/dtype.h"

typedef struct cd_batch_norm_call {
    cd_dtype dtype; /* CD_F32 or CD_F64 */
    int64_t images, channels, pixels;
    const void *gamma, *beta; /* NULL: 1 for gamma, 0 for beta */
    double eps;
} cd_batch_norm_call;

/* Training: by the batch's own mean and biased variance. Writes y and, for the backward pass,
 * save_mean and save_invstd; of an empty batch these are 0, and nothing else is written. Where
 * running_mean and running_var are not NULL:
 *
 *     running = (1 - momentum) * running + momentum * new
 *
 * with the unbiased variance, for which images * pixels must be 2 or more. */
void cd_cpu_batch_norm_train(const cd_batch_norm_call *norm, const void *x, void *y,
                             void *save_mean, void *save_invstd, void *running_mean,
                             void *running_var, double momentum);

/* Inference: by the running statistics. */
void cd_cpu_batch_norm_eval(const cd_batch_norm_call *norm, const void *x, const void *running_mean,
                            const void *running_var, void *y);

/* The gradients of cd_cpu_batch_norm_train, where xhat = (x - mean) * invstd:
 *
 *     dbeta = sum(dy)        dgamma = sum(dy * xhat)
 *     dx = gamma * invstd * (dy - mean(dy) - xhat * mean(dy * xhat))
 *
 * Any of dx, dgamma and dbeta may be NULL. beta is not read. */
void cd_cpu_batch_norm_train_backward(const cd_batch_norm_call *norm, const void *dy, const void *x,
                                      const void *save_mean, const void *save_invstd, void *dx,
                                      void *dgamma, void *dbeta);

/* The gradients of cd_cpu_batch_norm_eval: the same, but dx = gamma * invstd * dy. */
void cd_cpu_batch_norm_eval_backward(const cd_batch_norm_call *norm, const void *dy, const void *x,
                                     const void *running_mean, const void *running_var, void *dx,
                                     void *dgamma, void *dbeta);

/* ---- between the files of batch norm ---- */

/* Where one channel's elements are: `runs` runs of `length` contiguous elements, whose starts are
 * `stride` elements apart. */
typedef struct cd_batch_norm_channel {
    int64_t runs, length, stride;
} cd_batch_norm_channel;

/* Kernels over one channel, of one dtype. Their arrays start at the channel's first element. */
typedef struct cd_batch_norm_kernels {
    /* sum(x) */
    double (*sum)(cd_batch_norm_channel channel, const void *x);
    /* sum((x - mean)^2) */
    double (*squares)(cd_batch_norm_channel channel, const void *x, double mean);
    /* *sum_dy = sum(dy), *sum_product = sum(dy * (x - mean)) */
    void (*products)(cd_batch_norm_channel channel, const void *dy, const void *x, double mean,
                     double *sum_dy, double *sum_product);
    /* y = (x - mean) * scale + shift */
    void (*normalise)(cd_batch_norm_channel channel, const void *x, double mean, double scale,
                      double shift, void *y);
    /* dx = dy * scale + (x - mean) * slope + shift */
    void (*gradient)(cd_batch_norm_channel channel, const void *dy, const void *x, double mean,
                     double scale, double slope, double shift, void *dx);
} cd_batch_norm_kernels;

struct cd_cpu_batch_norm_table {
    cd_batch_norm_kernels channel[CD_DTYPE_COUNT];
};

/* One call: `function` runs for every channel. An array that it does not use is NULL. */
typedef struct cd_batch_norm_task cd_batch_norm_task;
typedef void cd_batch_norm_function(const cd_batch_norm_task *task, int64_t channel);
struct cd_batch_norm_task {
    const cd_batch_norm_call *norm;
    const cd_batch_norm_kernels *kernels;
    cd_batch_norm_function *function;
    const void *x, *dy;
    const void *mean, *spread; /* inputs; spread: invstd in training, var in inference */
    void *y, *save_mean, *save_invstd, *running_mean, *running_var;
    void *dx, *dgamma, *dbeta;
    double momentum;
    int64_t channels_in_piece;
};

/* Where the elements of a channel are. */
static inline cd_batch_norm_channel cd_batch_norm_elements(const cd_batch_norm_call *norm)
{
    return (cd_batch_norm_channel){ norm->images, norm->pixels, norm->channels * norm->pixels };
}

/* The partial sums of a sum, added in order. */
enum { CD_BATCH_NORM_LANES = 16 };
static inline double cd_batch_norm_total(const double lane[CD_BATCH_NORM_LANES])
{
    double sum = 0;
    for (int l = 0; l < CD_BATCH_NORM_LANES; l++) sum += lane[l];
    return sum;
}

#endif
