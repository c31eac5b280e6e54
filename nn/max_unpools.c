/* torch.nn.MaxUnpool1d and MaxUnpool2d. */
#include <math.h>

#include "autograd/families/pool_internal.h"
#include "core/error.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: height and width, of MaxUnpool1d one number each. */
typedef struct own_options {
    int64_t kernel[2], stride[2], padding[2];
} own_options;

typedef struct line_options {
    cd_shape kernel, stride, padding;
} line_options;

typedef struct max_unpool1d {
    cd_module module;
    line_options options;
} max_unpool1d;

typedef struct max_unpool2d {
    cd_module module;
    own_options options;
} max_unpool2d;

/* The size that a call names. */
static cd_shape size_of(const cd_arguments *a)
{
    return a->options ? *(const cd_shape *)a->options : (cd_shape){ .ndim = 0 };
}

static bool refuse_inputs(const char *function)
{
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s: .x, .indices and .output_size are given to cd_forward_unpool", function);
}

/* --- MaxUnpool1d ------------------------------------------------------------------------------ */

static cd_max_unpool1d_options line_of(const line_options *o)
{
    return (cd_max_unpool1d_options){ .kernel = o->kernel.dim[0],
                                      .stride = o->stride.dim[0],
                                      .padding = o->padding.dim[0] };
}

static bool max_unpool1d_forward(cd_module *m, const cd_arguments *a)
{
    cd_max_unpool1d_options o = line_of(&((const max_unpool1d *)m)->options);
    o.x = a->in[0];
    o.indices = a->in[1];
    o.output_size = size_of(a);
    a->out[0] = cd_max_unpool1d_with(o);
    return a->out[0];
}

static const cd_option line[] = {
    { "kernel_size", CD_OPTION(line_options, kernel, SHAPE), .required = true, .min = 1 },
    { "stride", CD_OPTION(line_options, stride, SHAPE), .min = 1 },
    { "padding", CD_OPTION(line_options, padding, SHAPE), .min = -INFINITY },
    CD_OPTIONS_END,
};

static cd_module *max_unpool1d_make(const void *o)
{
    return cd_nn_max_unpool1d_with(line_of(o));
}

const cd_module_class cd_nn_max_unpool1d_class = { .name = "MaxUnpool1d",
                                                   .size = sizeof(max_unpool1d),
                                                   .inputs = 2,
                                                   .forward = max_unpool1d_forward,
                                                   CD_CLASS_OPTIONS(max_unpool1d, options, line),
                                                   .make = max_unpool1d_make };

cd_module *cd_nn_max_unpool1d_with(cd_max_unpool1d_options o)
{
    line_options own = { CD_SHAPE(o.kernel), CD_SHAPE(o.stride ? o.stride : o.kernel),
                         CD_SHAPE(o.padding) };
    if (!cd_options_fill(line, &own, "nn_max_unpool1d") ||
        ((o.x || o.indices || o.output_size.ndim) && !refuse_inputs("nn_max_unpool1d"))) {
        return NULL;
    }
    max_unpool1d *self = (max_unpool1d *)cd_module_new(&cd_nn_max_unpool1d_class);
    if (self) self->options = own;
    return (cd_module *)self;
}

/* --- MaxUnpool2d ------------------------------------------------------------------------------ */

static cd_max_unpool2d_options options_of(const own_options *o)
{
    return (cd_max_unpool2d_options){ .kernel = o->kernel[0],
                                      .kernel_w = o->kernel[1],
                                      .stride = o->stride[0],
                                      .stride_w = o->stride[1],
                                      .padding = o->padding[0],
                                      .padding_w = o->padding[1],
                                      .padding_w_is_zero = o->padding[1] == 0 };
}

static bool max_unpool2d_forward(cd_module *m, const cd_arguments *a)
{
    cd_max_unpool2d_options o = options_of(&((const max_unpool2d *)m)->options);
    o.x = a->in[0];
    o.indices = a->in[1];
    o.output_size = size_of(a);
    a->out[0] = cd_max_unpool2d_with(o);
    return a->out[0];
}

static const cd_option options[] = {
    { "kernel_size", CD_OPTION(own_options, kernel, WINDOW), .required = true, .min = 1 },
    { "stride", CD_OPTION(own_options, stride, WINDOW) }, /* 0 means the kernel's size */
    { "padding", CD_OPTION(own_options, padding, WINDOW), .min = -INFINITY },
    CD_OPTIONS_END,
};

static cd_module *max_unpool2d_make(const void *o)
{
    return cd_nn_max_unpool2d_with(options_of(o));
}

const cd_module_class cd_nn_max_unpool2d_class = { .name = "MaxUnpool2d",
                                                   .size = sizeof(max_unpool2d),
                                                   .inputs = 2,
                                                   .forward = max_unpool2d_forward,
                                                   CD_CLASS_OPTIONS(max_unpool2d, options, options),
                                                   .make = max_unpool2d_make };

cd_module *cd_nn_max_unpool2d_with(cd_max_unpool2d_options o)
{
    cd_pool2d_sizes pool = { .planes = 0 };
    const cd_pool_window_options window = { .kernel = o.kernel,
                                            .stride = o.stride,
                                            .padding = o.padding,
                                            .kernel_w = o.kernel_w,
                                            .stride_w = o.stride_w,
                                            .padding_w = o.padding_w,
                                            .padding_w_is_zero = o.padding_w_is_zero };
    if (!cd_pool_window_complete("nn_max_unpool2d", &window, &pool)) return NULL;
    own_options own = { { pool.kernel_h, pool.kernel_w },
                        { pool.stride_h, pool.stride_w },
                        { pool.padding_h, pool.padding_w } };
    if (!cd_options_fill(options, &own, "nn_max_unpool2d") ||
        ((o.x || o.indices || o.output_size.ndim) && !refuse_inputs("nn_max_unpool2d"))) {
        return NULL;
    }
    max_unpool2d *self = (max_unpool2d *)cd_module_new(&cd_nn_max_unpool2d_class);
    if (self) self->options = own;
    return (cd_module *)self;
}

/* --- the call --------------------------------------------------------------------------------- */

cd_tensor *cd_forward_unpool_with(cd_unpool_inputs i)
{
    cd_tensor *const in[] = { i.x, i.indices };
    cd_tensor *y = NULL;
    if (!cd_check_module(i.module, "forward_unpool", "the module")) return NULL;
    if (i.module->class_ != &cd_nn_max_unpool1d_class &&
        i.module->class_ != &cd_nn_max_unpool2d_class) {
        (void)cd_fail(CD_ERR_ARGUMENT, "forward_unpool: a %s is no MaxUnpool1d or MaxUnpool2d",
                      i.module->class_->name);
        return NULL;
    }
    const cd_arguments a = {
        .in = in, .out = &y, .inputs = 2, .outputs = 1, .options = &i.output_size
    };
    return cd_module_call(i.module, &a) ? y : NULL;
}
