/* Convolution: the choice of the algorithm, and the bias. */
#include "core/cpu/conv_internal.h"

#include "core/memory_internal.h"
#include "core/threads_internal.h"

static bool is_matmul(const cd_conv2d_sizes *c)
{
    return c->kernel_h == 1 && c->kernel_w == 1 && c->stride_h == 1 && c->stride_w == 1 &&
           c->padding_h == 0 && c->padding_w == 0 && c->groups == 1;
}

/* The gradient of a stride-1 convolution is itself one, of dy with padding extent - 1 - padding. */
static bool is_transposable(const cd_conv2d_sizes *c)
{
    return c->stride_h == 1 && c->stride_w == 1 &&
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
        return pass == CD_CONV2D_GRAD_INPUT;
    }
    return false;
}

/* In order of speed where more than one can. */
cd_conv2d_algorithm cd_cpu_conv2d_pick(const cd_conv2d_sizes *conv, cd_conv2d_pass pass,
                                       cd_dtype dtype)
{
    (void)dtype;
    if (cd_cpu_conv2d_can(CD_CONV2D_MATMUL, conv, pass)) return CD_CONV2D_MATMUL;
    if (cd_cpu_conv2d_can(CD_CONV2D_IMPLICIT, conv, pass)) return CD_CONV2D_IMPLICIT;
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

/* Every plane of y starts as its channel's bias; the product is added to it. */
static void fill_bias(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *bias, void *y)
{
    int64_t pixels = cd_cpu_conv2d_pixels(conv);
    for (int64_t plane = 0; plane < conv->images * conv->out_channels; plane++) {
        int64_t channel = plane % conv->out_channels, start = plane * pixels;
        for (int64_t i = start; i < start + pixels; i++) {
            if (dtype == CD_F32) {
                ((float *)y)[i] = ((const float *)bias)[channel];
            } else {
                ((double *)y)[i] = ((const double *)bias)[channel];
            }
        }
    }
}

void cd_cpu_conv2d_forward(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x,
                           const void *weight, const void *bias, void *y, void *workspace)
{
    if (bias) fill_bias(conv, dtype, bias, y);
    method_for(conv, CD_CONV2D_FORWARD, dtype)
        ->forward(conv, dtype, x, weight, bias != NULL, y, workspace);
}

void cd_cpu_conv2d_grad_input(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                              const void *weight, void *dx, void *workspace)
{
    method_for(conv, CD_CONV2D_GRAD_INPUT, dtype)
        ->grad_input(conv, dtype, dy, weight, dx, workspace);
}

void cd_cpu_conv2d_grad_weight(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                               const void *x, void *dweight, void *workspace)
{
    method_for(conv, CD_CONV2D_GRAD_WEIGHT, dtype)
        ->grad_weight(conv, dtype, dy, x, dweight, workspace);
}

typedef struct {
    const cd_conv2d_sizes *conv;
    cd_dtype dtype;
    const void *dy;
    void *dbias;
} bias_sum;

static void sum_channel(int64_t channel, void *context)
{
    const bias_sum *b = context;
    int64_t pixels = cd_cpu_conv2d_pixels(b->conv);
    double sum = 0;
    for (int64_t n = 0; n < b->conv->images; n++) {
        int64_t start = (n * b->conv->out_channels + channel) * pixels;
        for (int64_t i = start; i < start + pixels; i++) {
            sum +=
                b->dtype == CD_F32 ? (double)((const float *)b->dy)[i] : ((const double *)b->dy)[i];
        }
    }
    if (b->dtype == CD_F32) {
        ((float *)b->dbias)[channel] = (float)sum;
    } else {
        ((double *)b->dbias)[channel] = sum;
    }
}

void cd_cpu_conv2d_grad_bias(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                             void *dbias)
{
    bias_sum b = { .conv = conv, .dtype = dtype, .dy = dy, .dbias = dbias };
    cd_parallel(conv->out_channels, sum_channel, &b);
}
