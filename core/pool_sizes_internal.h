/* The sizes of 2-d pooling over an input of planes x height x width, where planes = images *
 * channels: for the ops' shape checks and their kernels. */
#ifndef CANDELA_CORE_POOL_SIZES_INTERNAL_H
#define CANDELA_CORE_POOL_SIZES_INTERNAL_H

#include "core/api.h"

typedef struct cd_pool2d_sizes {
    int64_t planes, height, width;
    int64_t kernel_h, kernel_w, stride_h, stride_w, padding_h, padding_w;
    int64_t dilation_h, dilation_w; /* of max pooling; 1 for average pooling */
    bool ceil_mode;       /* round the output size up; every window still starts inside the image or
                             the padding before it */
    bool padding_counts;  /* average pooling: PyTorch's count_include_pad */
    int64_t divisor;      /* average pooling: what sums are divided by; 0: by the window's size */
    int64_t out_h, out_w; /* set by cd_pool2d_sizes_complete */
} cd_pool2d_sizes;

/* Checks the sizes and sets out_h and out_w as PyTorch does. Returns NULL, or what is wrong, in
 * words for the end of an error message ("padding must be at most half the kernel"). */
const char *cd_pool2d_sizes_complete(cd_pool2d_sizes *pool);

#endif
