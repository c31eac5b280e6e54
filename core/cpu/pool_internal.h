/* Pooling of planes [planes x height x width]; planes is images * channels. All arrays are
 * contiguous, and f32 or f64; cd_cpu_max_pool2d takes integers too. The caller has checked the
 * sizes with cd_pool2d_sizes_complete. */
#ifndef CANDELA_CORE_CPU_POOL_INTERNAL_H
#define CANDELA_CORE_CPU_POOL_INTERNAL_H

#include "core/dtype.h"
#include "core/pool_sizes_internal.h"

/* y [planes x out_h x out_w]: the maximum of each window (torch.nn.functional.max_pool2d).
 * `indices`, of the same shape, is the maximum's index h * width + w in its plane; it may be NULL.
 * Outside the image is -Inf, of integers the least number. NaN counts as larger than
 * every number. Of equal elements the first is taken, of several NaN the last, as in PyTorch. */
void cd_cpu_max_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y,
                       int64_t *indices);
/* dx = 0, then dx[indices] += dy, in order. */
void cd_cpu_max_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *dy,
                                const int64_t *indices, void *dx);

/* y = 0, then y[indices] = x, in order, where x is [planes x out_h x out_w] and y [planes x height
 * x width]: of elements with one index the last stays. */
void cd_cpu_max_unpool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x,
                         const int64_t *indices, void *y);

/* cd_cpu_max_pool2d over the windows of cd_cpu_adaptive_avg_pool2d; the dilation must be 1
 * (torch.nn.functional.adaptive_max_pool2d). */
void cd_cpu_adaptive_max_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y,
                                int64_t *indices);

/* y: the average of each window, where the padding is 0 (torch.nn.functional.avg_pool2d). */
void cd_cpu_avg_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y);
/* dx: the gradient of the average; every element of a window gets an equal share of its dy. */
void cd_cpu_avg_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *dy,
                                void *dx);

/* y: averages to out_h x out_w (torch.nn.functional.adaptive_avg_pool2d). Output row i averages the
 * rows from floor(i*height/out_h) up to but without ceil((i+1)*height/out_h); columns likewise. Of
 * `pool` only planes, height, width, out_h and out_w are read; height and width are at least 1. */
void cd_cpu_adaptive_avg_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x,
                                void *y);
/* dx: the gradient of the adaptive average. */
void cd_cpu_adaptive_avg_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype,
                                         const void *dy, void *dx);

#endif
