#include "core/error.h"
#include "nn/layers.h"

typedef struct max_pool {
    cd_module module;
    cd_nn_max_pool2d_options options; /* with the defaults filled in */
} max_pool;

static bool forward(cd_module *m, const cd_arguments *a)
{
    const cd_nn_max_pool2d_options *o = &((max_pool *)m)->options;
    a->out[0] = cd_max_pool2d(a->in[0], o->kernel, .stride = o->stride, .padding = o->padding,
                              .dilation = o->dilation, .ceil_mode = o->ceil_mode);
    return a->out[0];
}

static void describe(const cd_module *m, char *text, size_t bytes)
{
    const cd_nn_max_pool2d_options *o = &((const max_pool *)m)->options;
    (void)snprintf(text, bytes,
                   "kernel_size=%lld, stride=%lld, padding=%lld, dilation=%lld, ceil_mode=%s",
                   (long long)o->kernel, (long long)o->stride, (long long)o->padding,
                   (long long)o->dilation, o->ceil_mode ? "True" : "False");
}

static const cd_module_class max_pool_class = { .name = "MaxPool2d",
                                                .size = sizeof(max_pool),
                                                .inputs = 1,
                                                .forward = forward,
                                                .describe = describe };

cd_module *cd_nn_max_pool2d_with(cd_nn_max_pool2d_options o)
{
    if (o.stride == 0) o.stride = o.kernel;
    if (o.dilation == 0) o.dilation = 1;
    if (o.kernel < 1 || o.stride < 1 || o.dilation < 1 || o.padding < 0 ||
        o.padding > o.kernel / 2) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_max_pool2d: kernel, stride and dilation must be 1 or more, and "
                      "padding from 0 to half the kernel");
        return NULL;
    }
    max_pool *self = (max_pool *)cd_module_new(&max_pool_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
