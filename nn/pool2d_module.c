/* What MaxPool2d and AvgPool2d share: nn/pool2d_internal.h. */
#include "nn/pool2d_internal.h"

#include "core/error.h"

static bool check_padding(const char *function, const cd_pool2d_module_options *o)
{
    for (int i = 0; i < 2; i++) {
        if (o->padding[i] <= o->kernel[i] / 2) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .padding is %lld, and must be at most half the kernel, which is %lld",
                       function, (long long)o->padding[i], (long long)o->kernel[i]);
    }
    return true;
}

cd_module *cd_pool2d_module_new(const cd_module_class *class_, const char *function,
                                const cd_pool_window_options *window, cd_pool2d_module_options o)
{
    cd_pool2d_sizes pool = { .planes = 0 };
    if (!cd_pool_window_complete(function, window, &pool)) return NULL;
    const int64_t pairs[4][2] = { { pool.kernel_h, pool.kernel_w },
                                  { pool.stride_h, pool.stride_w },
                                  { pool.padding_h, pool.padding_w },
                                  { pool.dilation_h, pool.dilation_w } };
    for (int i = 0; i < 2; i++) {
        o.kernel[i] = pairs[0][i];
        o.stride[i] = pairs[1][i];
        o.padding[i] = pairs[2][i];
        o.dilation[i] = pairs[3][i];
    }
    o.ceil_mode = pool.ceil_mode;
    if (!cd_options_fill(class_->options, &o, function) || !check_padding(function, &o)) {
        return NULL;
    }
    cd_pool2d_module *self = (cd_pool2d_module *)cd_module_new(class_);
    if (self) self->options = o;
    return (cd_module *)self;
}
