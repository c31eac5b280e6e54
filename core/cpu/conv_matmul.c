/* A 1x1 convolution of stride 1, without padding and in one group, which is one product per image:
 *
 *     y_n [O x HW] = weight [O x C] x_n [C x HW]
 *     dx_n = weight^T dy_n            dweight = sum over n of dy_n x_n^T, in order of n
 */
#include "core/cpu/conv_internal.h"
#include "core/cpu/gemm_internal.h"
#include "core/threads_internal.h"

typedef struct {
    cd_dtype dtype;
    cd_gemm_call call;         /* of image 0 */
    size_t b_stride, c_stride; /* bytes from image to image */
} batch;

static void run_image(int64_t n, void *context)
{
    const batch *all = context;
    cd_gemm_call call = all->call;
    call.b = (const char *)call.b + (size_t)n * all->b_stride;
    call.c = (char *)call.c + (size_t)n * all->c_stride;
    cd_cpu_gemm(all->dtype, &call);
}

/* Many images are a piece each. Few are computed one after the other, so that cd_cpu_gemm cuts each
 * product into pieces. */
static void run_images(const cd_conv2d_sizes *conv, batch *all)
{
    enum { FEW = 4 };
    if (conv->images > FEW) {
        cd_parallel(conv->images, run_image, all);
        return;
    }
    for (int64_t n = 0; n < conv->images; n++) run_image(n, all);
}

static void forward(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x, const void *weight,
                    bool biased, void *y, void *workspace)
{
    (void)workspace;
    int64_t pixels = cd_cpu_conv2d_pixels(conv);
    size_t plane = (size_t)pixels * cd_dtype_size(dtype);
    batch all = {
        .dtype = dtype,
        .call = { .m = conv->out_channels,
                  .n = pixels,
                  .k = conv->in_channels,
                  .alpha = 1,
                  .beta = biased,
                  .a = weight,
                  .lda = conv->in_channels,
                  .b = x,
                  .ldb = pixels,
                  .c = y,
                  .ldc = pixels },
        .b_stride = (size_t)conv->in_channels * plane,
        .c_stride = (size_t)conv->out_channels * plane,
    };
    run_images(conv, &all);
}

static void grad_input(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                       const void *weight, void *dx, void *workspace)
{
    (void)workspace;
    int64_t pixels = cd_cpu_conv2d_pixels(conv);
    size_t plane = (size_t)pixels * cd_dtype_size(dtype);
    batch all = {
        .dtype = dtype,
        .call = { .m = conv->in_channels,
                  .n = pixels,
                  .k = conv->out_channels,
                  .alpha = 1,
                  .a = weight,
                  .lda = conv->in_channels,
                  .transpose_a = true,
                  .b = dy,
                  .ldb = pixels,
                  .c = dx,
                  .ldc = pixels },
        .b_stride = (size_t)conv->out_channels * plane,
        .c_stride = (size_t)conv->in_channels * plane,
    };
    run_images(conv, &all);
}

static void grad_weight(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy, const void *x,
                        void *dweight, void *workspace)
{
    (void)workspace;
    int64_t pixels = cd_cpu_conv2d_pixels(conv);
    size_t plane = (size_t)pixels * cd_dtype_size(dtype);
    cd_gemm_call call = { .m = conv->out_channels,
                          .n = conv->in_channels,
                          .k = pixels,
                          .alpha = 1,
                          .a = dy,
                          .lda = pixels,
                          .b = x,
                          .ldb = pixels,
                          .transpose_b = true,
                          .c = dweight,
                          .ldc = conv->in_channels };
    if (conv->images == 0) call.k = 0; /* the gradient is 0 */
    cd_cpu_gemm(dtype, &call);
    call.beta = 1;
    for (int64_t n = 1; n < conv->images; n++) {
        call.a = (const char *)dy + (size_t)(n * conv->out_channels) * plane;
        call.b = (const char *)x + (size_t)(n * conv->in_channels) * plane;
        cd_cpu_gemm(dtype, &call);
    }
}

static size_t workspace(const cd_conv2d_sizes *conv, cd_conv2d_pass pass, cd_dtype dtype)
{
    (void)conv;
    (void)pass;
    (void)dtype;
    return 0;
}

const cd_conv2d_method cd_cpu_conv2d_matmul = {
    .forward = forward, .grad_input = grad_input, .grad_weight = grad_weight, .workspace = workspace
};
