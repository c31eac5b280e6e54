/* What MaxPool2d and AvgPool2d share: their windows. */
#ifndef CANDELA_NN_POOL2D_INTERNAL_H
#define CANDELA_NN_POOL2D_INTERNAL_H

#include "autograd/families/pool_internal.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: height and width. Each class has some of them in its
 * table. */
typedef struct cd_pool2d_module_options {
    int64_t kernel[2], stride[2], padding[2], dilation[2], divisor_override;
    bool ceil_mode, exclude_padding, return_indices;
} cd_pool2d_module_options;

typedef struct cd_pool2d_module {
    cd_module module;
    cd_pool2d_module_options options;
} cd_pool2d_module;

/* Makes a module, owned by the open scope. The window completes `o`, whose other options are set.
 * NULL with an error, which names `function`. */
cd_module *cd_pool2d_module_new(const cd_module_class *class_, const char *function,
                                const cd_pool_window_options *window, cd_pool2d_module_options o);

#endif
