/* Convolution with a matrix of columns (core/cpu/columns_internal.h). The gradient of the input,
 * for any stride, is a product, then for each pixel the sum of the terms that belong to it
 * ("col2im"):
 *
 *     columns [taps x pixels] = weight^T [taps x O] dy_n [O x pixels],     per group
 *     dx[n, c, i*stride_h - padding_h + p*dilation_h, j*stride_w - padding_w + q*dilation_w]
 *         += columns[(c,p,q)][(i,j)]
 *
 * A gathered product as in conv_implicit.c would also multiply the zeros between the strides, 3 of
 * 4 elements for a stride of 2.
 *
 * The forward pass, y_n [O x pixels] = weight [O x taps] columns [taps x pixels], is for integers,
 * which have no gathered product. */
#include "core/cpu/conv_internal.h"

#include "core/cpu/columns_internal.h"
#include "core/cpu/gemm_internal.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

/* The number of chunks of images, each with columns of its own, that are computed side by side. If
 * their columns would take more than 32 MiB, it is 1: one image at a time, whose product and
 * channels are cut into pieces instead. */
static int64_t chunks_of(const cd_conv2d_sizes *conv, size_t columns_bytes)
{
    const size_t most_bytes = (size_t)32 << 20;
    int64_t chunks = conv->images < 16 ? conv->images : 16;
    if (columns_bytes > most_bytes / 16) chunks = (int64_t)(most_bytes / columns_bytes);
    if (chunks > conv->images) chunks = conv->images;
    return chunks < 4 ? 1 : chunks;
}

/* Bytes of the columns of one image and group, rounded up to 64. They fit in size_t:
 * cd_conv2d_sizes_complete has checked it. */
static size_t columns_bytes(const cd_conv2d_sizes *conv, cd_dtype dtype)
{
    size_t bytes =
        (size_t)(cd_cpu_conv2d_taps(conv) * cd_cpu_conv2d_pixels(conv)) * cd_dtype_size(dtype);
    return (bytes + 63) & ~(size_t)63;
}

static size_t workspace(const cd_conv2d_sizes *conv, cd_conv2d_pass pass, cd_dtype dtype)
{
    (void)pass;
    size_t columns = columns_bytes(conv, dtype), total;
    return cd_checked_mul((size_t)chunks_of(conv, columns), columns, &total) ? total : SIZE_MAX;
}

typedef struct task task;
struct task {
    const cd_conv2d_sizes *conv;
    cd_dtype dtype;
    const char *weight;
    char *x;       /* is read, or dx */
    char *y;       /* is written, or dy, which is read */
    bool biased;   /* y holds the bias before */
    char *columns; /* of all chunks, each with columns_bytes bytes */
    size_t columns_bytes;
    int64_t chunks;
    /* Computes one image and group. */
    void (*run)(const task *job, int64_t n, int64_t group, char *columns);
};

/* The planes of x of one image and group, and their columns. Each plane is a piece. */
typedef struct {
    const task *job;
    char *columns, *planes;
    bool take; /* from the planes to the columns */
} image_planes;

static void run_plane(int64_t channel, void *context)
{
    const image_planes *p = context;
    const cd_conv2d_sizes *conv = p->job->conv;
    cd_dtype dtype = p->job->dtype;
    size_t size = cd_dtype_size(dtype);
    int64_t rows = conv->kernel_h * conv->kernel_w * cd_cpu_conv2d_pixels(conv);
    char *columns = p->columns + (size_t)(channel * rows) * size;
    char *plane = p->planes + (size_t)(channel * conv->height * conv->width) * size;
    if (p->take) {
        cd_cpu_columns_take[dtype](conv, plane, columns);
    } else {
        cd_cpu_columns_add[dtype](conv, columns, plane);
    }
}

static void run_planes(const task *job, int64_t n, int64_t group, char *columns, bool take)
{
    const cd_conv2d_sizes *conv = job->conv;
    int64_t inputs = conv->in_channels / conv->groups;
    int64_t first = (n * conv->in_channels + group * inputs) * conv->height * conv->width;
    image_planes planes = { .job = job,
                            .columns = columns,
                            .planes = job->x + (size_t)first * cd_dtype_size(job->dtype),
                            .take = take };
    cd_parallel(inputs, run_plane, &planes);
}

/* The outputs of one image and group. */
static char *outputs_of(const task *job, int64_t n, int64_t group)
{
    const cd_conv2d_sizes *conv = job->conv;
    int64_t first = n * conv->out_channels + group * (conv->out_channels / conv->groups);
    return job->y + (size_t)(first * cd_cpu_conv2d_pixels(conv)) * cd_dtype_size(job->dtype);
}

static const char *weights_of(const task *job, int64_t group)
{
    int64_t first = group * (job->conv->out_channels / job->conv->groups);
    return job->weight +
           (size_t)(first * cd_cpu_conv2d_taps(job->conv)) * cd_dtype_size(job->dtype);
}

static void forward_image(const task *job, int64_t n, int64_t group, char *columns)
{
    const cd_conv2d_sizes *conv = job->conv;
    int64_t taps = cd_cpu_conv2d_taps(conv), pixels = cd_cpu_conv2d_pixels(conv);
    cd_gemm_call call = { .m = conv->out_channels / conv->groups,
                          .n = pixels,
                          .k = taps,
                          .alpha = 1,
                          .beta = job->biased,
                          .a = weights_of(job, group),
                          .lda = taps,
                          .b = columns,
                          .ldb = pixels,
                          .c = outputs_of(job, n, group),
                          .ldc = pixels };
    run_planes(job, n, group, columns, true);
    cd_cpu_gemm(job->dtype, &call);
}

static void grad_image(const task *job, int64_t n, int64_t group, char *columns)
{
    const cd_conv2d_sizes *conv = job->conv;
    int64_t taps = cd_cpu_conv2d_taps(conv), pixels = cd_cpu_conv2d_pixels(conv);
    cd_gemm_call call = { .m = taps,
                          .n = pixels,
                          .k = conv->out_channels / conv->groups,
                          .alpha = 1,
                          .a = weights_of(job, group),
                          .lda = taps,
                          .transpose_a = true,
                          .b = outputs_of(job, n, group),
                          .ldb = pixels,
                          .c = columns,
                          .ldc = pixels };
    cd_cpu_gemm(job->dtype, &call);
    run_planes(job, n, group, columns, false);
}

static void run_chunk(int64_t chunk, void *context)
{
    const task *job = context;
    int64_t images = job->conv->images;
    char *columns = job->columns + (size_t)chunk * job->columns_bytes;
    for (int64_t n = chunk * images / job->chunks; n < (chunk + 1) * images / job->chunks; n++) {
        for (int64_t group = 0; group < job->conv->groups; group++) {
            job->run(job, n, group, columns);
        }
    }
}

static void run_chunks(task *job)
{
    job->columns_bytes = columns_bytes(job->conv, job->dtype);
    job->chunks = chunks_of(job->conv, job->columns_bytes);
    if (job->chunks == 1) {
        run_chunk(0, job); /* outside cd_parallel, so that the product itself may use it */
    } else {
        cd_parallel(job->chunks, run_chunk, job);
    }
}

static void forward(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x, const void *weight,
                    bool biased, void *y, void *workspace_)
{
    task job = { .conv = conv,
                 .dtype = dtype,
                 .weight = weight,
                 .x = (char *)(uintptr_t)x,
                 .y = y,
                 .biased = biased,
                 .columns = workspace_,
                 .run = forward_image };
    run_chunks(&job);
}

static void grad_input(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                       const void *weight, void *dx, void *workspace_)
{
    task job = { .conv = conv,
                 .dtype = dtype,
                 .weight = weight,
                 .x = dx,
                 .y = (char *)(uintptr_t)dy,
                 .columns = workspace_,
                 .run = grad_image };
    run_chunks(&job);
}

const cd_conv2d_method cd_cpu_conv2d_columns = { .forward = forward,
                                                 .grad_input = grad_input,
                                                 .workspace = workspace };
