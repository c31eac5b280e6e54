/* Two-dimensional convolution (cross-correlation, as torch.nn.functional.conv2d), NCHW, for f32,
 * f64 and the integers, which wrap around; the gradient of the weight is for f32 and f64:
 *
 *     x       images x in_channels x height x width
 *     weight  out_channels x in_channels/groups x kernel_h x kernel_w
 *     bias    out_channels, or NULL
 *     y       images x out_channels x out_h x out_w
 *
 *     y[n,o,i,j] = bias[o] + sum over c, p, q of
 *         weight[o,c,p,q] *
 *         x[n, c, i*stride_h - padding_h + p*dilation_h, j*stride_w - padding_w + q*dilation_w]
 *
 * where x is 0 outside the image, and c runs over the channels of o's group. All arrays are
 * contiguous. The caller has checked the sizes with cd_conv2d_sizes_complete, and brings the
 * workspace. */
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
    /* 1x1, stride 1, no padding, one group: products of the arrays as they are. */
    CD_CONV2D_MATMUL,
    /* A product whose columns are gathered from the padded image while it packs. f32 and f64. */
    CD_CONV2D_IMPLICIT,
    /* Forward: a matrix of columns, and its product. Gradient of the input: a product into a matrix
     * of columns, then the sum of these. */
    CD_CONV2D_COLUMNS
} cd_conv2d_algorithm;

/* The algorithm for this pass; it depends on the shape alone. */
cd_conv2d_algorithm cd_cpu_conv2d_pick(const cd_conv2d_sizes *conv, cd_conv2d_pass pass,
                                       cd_dtype dtype);

/* Bytes of workspace (aligned to 64) that the pass needs; 0 for none, SIZE_MAX if the number does
 * not fit. */
size_t cd_cpu_conv2d_workspace(const cd_conv2d_sizes *conv, cd_conv2d_pass pass, cd_dtype dtype);

/* y, as above. The bits of this result, and of the gradients, do not depend on the number of
 * threads. */
void cd_cpu_conv2d_forward(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x,
                           const void *weight, const void *bias, void *y, void *workspace);
/* dx[n,c,h,w] = sum of weight[o,c,p,q] * dy[n,o,i,j] over all (o,p,q,i,j) that read x[n,c,h,w]. */
void cd_cpu_conv2d_grad_input(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                              const void *weight, void *dx, void *workspace);
/* The transposed convolution: the same from an x, with the sizes of this convolution's y, to a y
 * with the sizes of its x, plus the bias of each of in_channels, or NULL. */
void cd_cpu_conv2d_transposed(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x,
                              const void *weight, const void *bias, void *y, void *workspace);
/* dweight[o,c,p,q] = sum over n, i, j of dy[n,o,i,j] * the element of x that it multiplies there.
 */
void cd_cpu_conv2d_grad_weight(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                               const void *x, void *dweight, void *workspace);

/* ---- between the files of conv ---- */

/* One algorithm. A pass that it cannot do is NULL. If `biased`, y holds the bias before. */
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
/* The method of an algorithm. Tests try them all. */
const cd_conv2d_method *cd_cpu_conv2d_method_of(cd_conv2d_algorithm algorithm);

/* Whether this algorithm can do this pass. */
bool cd_cpu_conv2d_can(cd_conv2d_algorithm algorithm, const cd_conv2d_sizes *conv,
                       cd_conv2d_pass pass);

/* Whether no weight is infinite or NaN. f32 and f64. */
bool cd_cpu_conv2d_weight_is_finite(const cd_conv2d_sizes *conv, cd_dtype dtype,
                                    const void *weight);
/* The gradient of the input without a workspace, and slowly: no weight meets a zero of a padding.
 * f32 and f64. */
void cd_cpu_conv2d_grad_input_direct(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                                     const void *weight, void *dx);

/* Elements of one plane of y. */
static inline int64_t cd_cpu_conv2d_pixels(const cd_conv2d_sizes *conv)
{
    return conv->out_h * conv->out_w;
}

/* Weights of one output channel. */
static inline int64_t cd_cpu_conv2d_taps(const cd_conv2d_sizes *conv)
{
    return conv->in_channels / conv->groups * conv->kernel_h * conv->kernel_w;
}

/* Along one dimension, the outputs in [*first, *end) read inside the image: those of 0 .. outputs -
 * 1 with 0 <= output * stride + tap < size, where `tap` is q * dilation - padding. */
static inline void cd_cpu_conv2d_outputs_inside(int64_t tap, int64_t stride, int64_t size,
                                                int64_t outputs, int64_t *first, int64_t *end)
{
    *first = tap >= 0 ? 0 : (-tap - 1) / stride + 1;
    *end = tap >= size ? 0 : (size - 1 - tap) / stride + 1;
    if (*first > outputs) *first = outputs;
    if (*end > outputs) *end = outputs;
}

#endif
