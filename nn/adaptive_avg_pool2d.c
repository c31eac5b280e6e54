#include "core/error.h"
#include "nn/layers.h"

typedef struct avg_pool {
    cd_module module;
    int64_t height, width;
} avg_pool;

static bool forward(cd_module *m, const cd_arguments *a)
{
    const avg_pool *self = (const avg_pool *)m;
    a->out[0] = cd_adaptive_avg_pool2d(a->in[0], self->height, self->width);
    return a->out[0];
}

static void describe(const cd_module *m, char *text, size_t bytes)
{
    const avg_pool *self = (const avg_pool *)m;
    (void)snprintf(text, bytes, "output_size=(%lld, %lld)", (long long)self->height,
                   (long long)self->width);
}

static const cd_module_class avg_pool_class = { .name = "AdaptiveAvgPool2d",
                                                .size = sizeof(avg_pool),
                                                .inputs = 1,
                                                .forward = forward,
                                                .describe = describe };

cd_module *cd_nn_adaptive_avg_pool2d(int64_t height, int64_t width)
{
    if (height < 1 || width < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_adaptive_avg_pool2d: the output is %lld x %lld, and must be 1 "
                      "or more each way",
                      (long long)height, (long long)width);
        return NULL;
    }
    avg_pool *self = (avg_pool *)cd_module_new(&avg_pool_class);
    if (!self) return NULL;
    self->height = height;
    self->width = width;
    return &self->module;
}
