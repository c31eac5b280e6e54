/* Convolution: the choice of the algorithm, and the bias of the forward pass. */
#include "core/cpu/conv_internal.h"

#include "core/cpu/typed_internal.h"

/* Whether the input ends where the last output reads it, for a stride of 1. That of a transposed
 * convolution with an output_padding goes on. */
static bool ends_with_outputs(const cd_conv2d_sizes *c)
{
    return c->out_h == c->height + 2 * c->padding_h - c->dilation_h * (c->kernel_h - 1) &&
           c->out_w == c->width + 2 * c->padding_w - c->dilation_w * (c->kernel_w - 1);
}

static bool is_matmul(const cd_conv2d_sizes *c)
{
    return c->kernel_h == 1 && c->kernel_w == 1 && c->stride_h == 1 && c->stride_w == 1 &&
           c->padding_h == 0 && c->padding_w == 0 && c->groups == 1 && ends_with_outputs(c);
}

/* Whether the gradient of the input is itself a convolution: that of dy, with a padding of
 * dilation * (kernel - 1) - padding. It is for a stride of 1. */
static bool is_transposable(const cd_conv2d_sizes *c)
{
    return c->stride_h == 1 && c->stride_w == 1 && ends_with_outputs(c) &&
           c->padding_h <= c->dilation_h * (c->kernel_h - 1) &&
           c->padding_w <= c->dilation_w * (c->kernel_w - 1);
}

bool cd_cpu_conv2d_can(cd_conv2d_algorithm algorithm, const cd_conv2d_sizes *conv,
                       cd_conv2d_pass pass)
{
    switch (algorithm) {
    case CD_CONV2D_MATMUL:
        return is_matmul(conv);
    case CD_CONV2D_IMPLICIT:
        return pass != CD_CONV2D_GRAD_INPUT || is_transposable(conv);
    case CD_CONV2D_COLUMNS:
        return pass != CD_CONV2D_GRAD_WEIGHT;
    }
    return false;
}

/* Tries them in order of speed. A product whose columns are gathered is for floating dtypes. */
cd_conv2d_algorithm cd_cpu_conv2d_pick(const cd_conv2d_sizes *conv, cd_conv2d_pass pass,
                                       cd_dtype dtype)
{
    if (cd_cpu_conv2d_can(CD_CONV2D_MATMUL, conv, pass)) return CD_CONV2D_MATMUL;
    if (cd_dtype_is_floating(dtype) && cd_cpu_conv2d_can(CD_CONV2D_IMPLICIT, conv, pass)) {
        return CD_CONV2D_IMPLICIT;
    }
    return CD_CONV2D_COLUMNS;
}

const cd_conv2d_method *cd_cpu_conv2d_method_of(cd_conv2d_algorithm algorithm)
{
    switch (algorithm) {
    case CD_CONV2D_MATMUL:
        return &cd_cpu_conv2d_matmul;
    case CD_CONV2D_IMPLICIT:
        return &cd_cpu_conv2d_implicit;
    case CD_CONV2D_COLUMNS:
        break;
    }
    return &cd_cpu_conv2d_columns;
}

static const cd_conv2d_method *method_for(const cd_conv2d_sizes *conv, cd_conv2d_pass pass,
                                          cd_dtype dtype)
{
    return cd_cpu_conv2d_method_of(cd_cpu_conv2d_pick(conv, pass, dtype));
}

size_t cd_cpu_conv2d_workspace(const cd_conv2d_sizes *conv, cd_conv2d_pass pass, cd_dtype dtype)
{
    return method_for(conv, pass, dtype)->workspace(conv, pass, dtype);
}

/* FILL_PLANES: each plane of an array of images starts as its channel's bias. ADD_PLANES: the bias
 * is added to each. */
#define BIAS_PLANES(name_, assign_, suffix_, type_)                                                \
    static void name_##_##suffix_(int64_t planes, int64_t channels, int64_t pixels,                \
                                  const void *bias, void *y)                                       \
    {                                                                                              \
        for (int64_t plane = 0; plane < planes; plane++) {                                         \
            const type_ value = ((const type_ *)bias)[plane % channels];                           \
            type_ *to = (type_ *)y + plane * pixels;                                               \
            for (int64_t i = 0; i < pixels; i++) to[i] = (type_)(assign_);                         \
        }                                                                                          \
    }
#define FILL_PLANES(suffix_, type_) BIAS_PLANES(fill_planes, value, suffix_, type_)
#define ADD_PLANES(suffix_, type_, unsigned_)                                                      \
    BIAS_PLANES(add_planes, (unsigned_)to[i] + (unsigned_)value, suffix_, type_)
FILL_PLANES(f32, float)
FILL_PLANES(f64, double)
FILL_PLANES(i64, int64_t)
FILL_PLANES(i32, int32_t)
FILL_PLANES(u8, uint8_t)
ADD_PLANES(f32, float, float)
ADD_PLANES(f64, double, double)
ADD_PLANES(i64, int64_t, uint64_t)
ADD_PLANES(i32, int32_t, uint32_t)
ADD_PLANES(u8, uint8_t, unsigned)

typedef void bias_function(int64_t planes, int64_t channels, int64_t pixels, const void *bias,
                           void *y);
static bias_function *const fill_planes[CD_DTYPE_COUNT] = { CD_CPU_NUMBERS(fill_planes) };
static bias_function *const add_planes[CD_DTYPE_COUNT] = { CD_CPU_NUMBERS(add_planes) };

/* Every plane of y starts as its channel's bias, to which the product is added. */
void cd_cpu_conv2d_forward(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x,
                           const void *weight, const void *bias, void *y, void *workspace)
{
    if (bias) {
        fill_planes[dtype](conv->images * conv->out_channels, conv->out_channels,
                           cd_cpu_conv2d_pixels(conv), bias, y);
    }
    method_for(conv, CD_CONV2D_FORWARD, dtype)
        ->forward(conv, dtype, x, weight, bias != NULL, y, workspace);
}

void cd_cpu_conv2d_grad_input(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                              const void *weight, void *dx, void *workspace)
{
    method_for(conv, CD_CONV2D_GRAD_INPUT, dtype)
        ->grad_input(conv, dtype, dy, weight, dx, workspace);
}

void cd_cpu_conv2d_transposed(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x,
                              const void *weight, const void *bias, void *y, void *workspace)
{
    cd_cpu_conv2d_grad_input(conv, dtype, x, weight, y, workspace);
    if (bias) {
        add_planes[dtype](conv->images * conv->in_channels, conv->in_channels,
                          conv->height * conv->width, bias, y);
    }
}

void cd_cpu_conv2d_grad_weight(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                               const void *x, void *dweight, void *workspace)
{
    method_for(conv, CD_CONV2D_GRAD_WEIGHT, dtype)
        ->grad_weight(conv, dtype, dy, x, dweight, workspace);
}
