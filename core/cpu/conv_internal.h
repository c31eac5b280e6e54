/* Two-dimensional convolution (cross-correlation, as PyTorch's conv2d), NCHW, f32 and f64. Kernels:
 * the caller has checked the shape with cd_conv2d_sizes_complete and brings the scratch memory.
 *
 *     x       images x in_channels x height x width
 *     weight  out_channels x in_channels/groups x kernel_h x kernel_w
 *     bias    out_channels, or NULL
 *     y       images x out_channels x out_h x out_w
 *
 *     y[n,o,i,j] = bias[o] + sum over c, p, q of weight[o,c,p,q] *
 *                  x[n, c, i*stride_h - padding_h + p*dilation_h, j*stride_w - padding_w +
 * q*dilation_w]
 *
 * with x = 0 outside the image and c over the channels of o's group. All arrays are contiguous. */
#ifndef CANDELA_CORE_CPU_CONV_INTERNAL_H
#define CANDELA_CORE_CPU_CONV_INTERNAL_H

#include "core/conv_sizes_internal.h"
#include "core/dtype.h"

typedef enum cd_conv2d_pass {
    CD_CONV2D_FORWARD,
    CD_CONV2D_GRAD_INPUT,
    CD_CONV2D_GRAD_WEIGHT
} cd_conv2d_pass;

typedef enum cd_conv2d_algorithm {
    CD_CONV2D_MATMUL, /* 1x1, stride 1, no padding, one group: products of the arrays as they are */
    CD_CONV2D_IMPLICIT, /* a product whose columns are gathered from the padded image while packing
                         */
    CD_CONV2D_COLUMNS   /* gradient of the input: a product into a matrix of columns, then their sum
                         */
} cd_conv2d_algorithm;

/* The algorithm for this pass, by shape alone. */
cd_conv2d_algorithm cd_cpu_conv2d_pick(const cd_conv2d_sizes *conv, cd_conv2d_pass pass,
                                       cd_dtype dtype);

/* Bytes of scratch memory (aligned to 64) that the pass needs; 0 for none, SIZE_MAX if the number
 * does not fit. */
size_t cd_cpu_conv2d_workspace(const cd_conv2d_sizes *conv, cd_conv2d_pass pass, cd_dtype dtype);

/* Each sets its output. Bits do not depend on the number of threads. */
void cd_cpu_conv2d_forward(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x,
                           const void *weight, const void *bias, void *y, void *workspace);
/* dx[n,c,h,w]: the sum of weight[o,c,p,q] * dy[n,o,i,j] over all (o,p,q,i,j) that read x[n,c,h,w].
 */
void cd_cpu_conv2d_grad_input(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                              const void *weight, void *dx, void *workspace);
/* dweight[o,c,p,q]: the sum over n, i, j of dy[n,o,i,j] * the x that weight[o,c,p,q] met there. */
void cd_cpu_conv2d_grad_weight(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                               const void *x, void *dweight, void *workspace);
/* dbias[o]: the sum over n, i, j of dy[n,o,i,j], in double. */
void cd_cpu_conv2d_grad_bias(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                             void *dbias);

/* ---- between the files of conv ---- */

/* One algorithm. A pass it does not do is NULL. forward: a = x, b = weight; grad_input: a = dy,
 * b = weight; grad_weight: a = dy, b = x. y holds the bias already if `biased`. */
typedef struct cd_conv2d_method {
    void (*forward)(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x, const void *weight,
                    bool biased, void *y, void *workspace);
    void (*grad_input)(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                       const void *weight, void *dx, void *workspace);
    void (*grad_weight)(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy, const void *x,
                        void *dweight, void *workspace);
    size_t (*workspace)(const cd_conv2d_sizes *conv, cd_conv2d_pass pass, cd_dtype dtype);
} cd_conv2d_method;

extern const cd_conv2d_method cd_cpu_conv2d_matmul, cd_cpu_conv2d_implicit, cd_cpu_conv2d_columns;
const cd_conv2d_method *cd_cpu_conv2d_method_of(cd_conv2d_algorithm algorithm);

/* Can this algorithm do this pass? (cd_cpu_conv2d_pick takes one that can; tests try them all.) */
bool cd_cpu_conv2d_can(cd_conv2d_algorithm algorithm, const cd_conv2d_sizes *conv,
                       cd_conv2d_pass pass);

static inline int64_t cd_cpu_conv2d_pixels(const cd_conv2d_sizes *conv)
{
    return conv->out_h * conv->out_w;
}

/* Weights of one output channel: in_channels/groups * kernel_h * kernel_w. */
static inline int64_t cd_cpu_conv2d_taps(const cd_conv2d_sizes *conv)
{
    return conv->in_channels / conv->groups * conv->kernel_h * conv->kernel_w;
}

#endif
