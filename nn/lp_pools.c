/* torch.nn.LPPool1d and LPPool2d. */
#include <math.h>

#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: height and width, which are equal for LPPool1d. A
 * stride that is not given is the word "None", as PyTorch prints it. */
typedef struct own_options {
    double p;
    int64_t kernel[2], stride[2];
    bool ceil_mode;
} own_options;

typedef struct lp_pool {
    cd_module module;
    own_options options;
} lp_pool;

enum { NO_STRIDE }; /* the word of the stride that stands for INT64_MIN */
static const char *const stride_words[] = { [NO_STRIDE] = "None", NULL };

static cd_lp_pool_options options_of(const own_options *o)
{
    const bool given = o->stride[0] != INT64_MIN;
    return (cd_lp_pool_options){ .p = o->p,
                                 .kernel = o->kernel[0],
                                 .kernel_w = o->kernel[1] == o->kernel[0] ? 0 : o->kernel[1],
                                 .stride = given ? o->stride[0] : 0,
                                 .stride_w =
                                     given && o->stride[1] != o->stride[0] ? o->stride[1] : 0,
                                 .ceil_mode = o->ceil_mode };
}

static own_options own_of(const cd_lp_pool_options *o)
{
    own_options own = { .p = o->p,
                        .kernel = { o->kernel, o->kernel_w ? o->kernel_w : o->kernel },
                        .stride = { INT64_MIN, INT64_MIN },
                        .ceil_mode = o->ceil_mode };
    if (o->stride || o->stride_w) {
        own.stride[0] = o->stride ? o->stride : o->kernel;
        own.stride[1] = o->stride_w ? o->stride_w : o->stride;
    }
    return own;
}

static const cd_option options[] = {
    { "norm_type", CD_OPTION(own_options, p, REAL), .required = true, .min = -INFINITY,
      .text = "inf", .none = INFINITY },
    { "kernel_size", CD_OPTION(own_options, kernel, EXTENT), .required = true, .min = 1 },
    { "stride", CD_OPTION(own_options, stride, EXTENT), .min = 1, .choices = stride_words },
    { "ceil_mode", CD_OPTION(own_options, ceil_mode, BOOL) },
    CD_OPTIONS_END,
};

static cd_module *lp_pool_new(const cd_module_class *class_, const char *function,
                              const cd_lp_pool_options *o)
{
    own_options own = own_of(o);
    if (o->x) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .x is given to cd_forward, not here", function);
        return NULL;
    }
    if (!cd_options_fill(options, &own, function)) return NULL;
    if (own.p == 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: p is 0, and must be another number", function);
        return NULL;
    }
    lp_pool *self = (lp_pool *)cd_module_new(class_);
    if (self) self->options = own;
    return (cd_module *)self;
}

/* NAME_forward, NAME_make and the class. */
#define LP_POOL(name_, class_name_)                                                                \
    static bool name_##_forward(cd_module *m, const cd_arguments *a)                               \
    {                                                                                              \
        cd_lp_pool_options o = options_of(&((const lp_pool *)m)->options);                         \
        o.x = a->in[0];                                                                            \
        a->out[0] = cd_##name_##_with(o);                                                          \
        return a->out[0];                                                                          \
    }                                                                                              \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_##_with(options_of(o));                                                \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = { .name = class_name_,                           \
                                                    .size = sizeof(lp_pool),                       \
                                                    .inputs = 1,                                   \
                                                    .forward = name_##_forward,                    \
                                                    CD_CLASS_OPTIONS(lp_pool, options, options),   \
                                                    .make = name_##_make };

LP_POOL(lp_pool1d, "LPPool1d")
LP_POOL(lp_pool2d, "LPPool2d")

cd_module *cd_nn_lp_pool1d_with(cd_lp_pool_options o)
{
    if (o.kernel_w || o.stride_w) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_lp_pool1d: .kernel_w and .stride_w are for LPPool2d");
        return NULL;
    }
    return lp_pool_new(&cd_nn_lp_pool1d_class, "nn_lp_pool1d", &o);
}

cd_module *cd_nn_lp_pool2d_with(cd_lp_pool_options o)
{
    return lp_pool_new(&cd_nn_lp_pool2d_class, "nn_lp_pool2d", &o);
}
