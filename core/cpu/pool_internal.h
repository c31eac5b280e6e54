/* Pooling over planes [planes x height x width] (planes: images * channels), f32 and f64. Kernels:
 * the caller has checked the shape with cd_pool2d_sizes_complete. All arrays are contiguous. */
#ifndef CANDELA_CORE_CPU_POOL_INTERNAL_H
#define CANDELA_CORE_CPU_POOL_INTERNAL_H

#include "core/dtype.h"
#include "core/pool_sizes_internal.h"

/* The largest of each window, -Inf beyond the image: y [planes x out_h x out_w], and its place
 * h * width + w within the plane in `indices` (the same shape; may be NULL). NaN counts as larger
 * than anything. The first of equals; the last of several NaN, as PyTorch has it. */
void cd_cpu_max_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y,
                       int64_t *indices);
/* dx = 0, then dx[indices] += dy, in order. */
void cd_cpu_max_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *dy,
                                const int64_t *indices, void *dx);

/* The average of each window, 0 beyond the image. */
void cd_cpu_avg_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y);
void cd_cpu_avg_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *dy,
                                void *dx);

/* Adaptive average pooling, from planes, height, width to out_h x out_w (all set by the caller; the
 * other fields are not used): output i averages rows floor(i*height/out_h) up to, but without,
 * ceil((i+1)*height/out_h); columns likewise. Height and width are at least 1. */
void cd_cpu_adaptive_avg_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x,
                                void *y);
void cd_cpu_adaptive_avg_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype,
                                         const void *dy, void *dx);

#endif
