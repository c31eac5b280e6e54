/* Pooling over planes [planes x height x width] (planes: images * channels), f32 and f64. Kernels:
 * the caller has checked the shape with cd_pool2d_complete. All arrays are contiguous. */
#ifndef CANDELA_CORE_CPU_POOL_INTERNAL_H
#define CANDELA_CORE_CPU_POOL_INTERNAL_H

#include "core/dtype.h"

typedef struct cd_pool2d {
    int64_t planes, height, width;
    int64_t kernel_h, kernel_w, stride_h, stride_w, padding_h, padding_w;
    int64_t dilation_h, dilation_w; /* of max pooling; 1 for average pooling */
    bool ceil_mode;       /* round the output size up; no window starts beyond the image */
    bool padding_counts;  /* average: divide by the window's places, not by its pixels */
    int64_t out_h, out_w; /* set by cd_pool2d_complete */
} cd_pool2d;

/* Checks the sizes and sets out_h and out_w as PyTorch does. Returns NULL, or what is wrong in
 * words that end an error's sentence ("padding must be at most half the kernel"). */
const char *cd_pool2d_complete(cd_pool2d *pool);

/* The largest of each window, -Inf beyond the image: y [planes x out_h x out_w], and its place
 * h * width + w within the plane in `indices` (the same shape; may be NULL). NaN counts as larger
 * than anything. The first of equals; the last of several NaN, as PyTorch has it. */
void cd_cpu_max_pool2d(const cd_pool2d *pool, cd_dtype dtype, const void *x, void *y,
                       int64_t *indices);
/* dx = 0, then dx[indices] += dy, in order. */
void cd_cpu_max_pool2d_backward(const cd_pool2d *pool, cd_dtype dtype, const void *dy,
                                const int64_t *indices, void *dx);

/* The average of each window, 0 beyond the image. */
void cd_cpu_avg_pool2d(const cd_pool2d *pool, cd_dtype dtype, const void *x, void *y);
void cd_cpu_avg_pool2d_backward(const cd_pool2d *pool, cd_dtype dtype, const void *dy, void *dx);

/* Adaptive average pooling, from planes, height, width to out_h x out_w (all set by the caller; the
 * other fields are not used): output i averages rows floor(i*height/out_h) up to, but without,
 * ceil((i+1)*height/out_h); columns likewise. Height and width are at least 1. */
void cd_cpu_adaptive_avg_pool2d(const cd_pool2d *pool, cd_dtype dtype, const void *x, void *y);
void cd_cpu_adaptive_avg_pool2d_backward(const cd_pool2d *pool, cd_dtype dtype, const void *dy,
                                         void *dx);

#endif
