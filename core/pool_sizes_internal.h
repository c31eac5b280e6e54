/* The sizes of pooling over planes [planes x height x width] (planes: images * channels). */
#ifndef CANDELA_CORE_POOL_SIZES_INTERNAL_H
#define CANDELA_CORE_POOL_SIZES_INTERNAL_H

#include "core/api.h"

typedef struct cd_pool2d_sizes {
    int64_t planes, height, width;
    int64_t kernel_h, kernel_w, stride_h, stride_w, padding_h, padding_w;
    int64_t dilation_h, dilation_w; /* of max pooling; 1 for average pooling */
    bool ceil_mode;       /* round the output size up; no window starts beyond the image */
    bool padding_counts;  /* average: divide by the window's places, not by its pixels */
    int64_t out_h, out_w; /* set by cd_pool2d_sizes_complete */
} cd_pool2d_sizes;

/* Checks the sizes and sets out_h and out_w as PyTorch does. Returns NULL, or what is wrong in
 * words that end an error's sentence ("padding must be at most half the kernel"). */
const char *cd_pool2d_sizes_complete(cd_pool2d_sizes *pool);

#endif
