/* The gradient of the input for any stride: a product, then for each pixel the sum of the terms
 * that belong to it ("col2im").
 *
 *     columns [taps x pixels] = weight^T [taps x O] dy_n [O x pixels],     per group
 *     dx[n, c, i*stride_h - padding_h + p*dilation_h, j*stride_w - padding_w + q*dilation_w]
 *         += columns[(c,p,q)][(i,j)]
 *
 * in order of (p,q), then (i,j). A gathered product as in conv_implicit.c would also multiply the
 * zeros between the strides, 3 of 4 elements for a stride of 2. */
#include "core/cpu/conv_internal.h"

#include "core/cpu/gemm_internal.h"
#include "core/cpu/typed_internal.h"
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

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/conv_columns_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/conv_columns_typed.h"

typedef void channel_function(const cd_conv2d_sizes *conv, const void *columns, void *plane);
static channel_function *const add_channel[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(add_channel) };

typedef struct {
    const cd_conv2d_sizes *conv;
    cd_dtype dtype;
    const char *dy, *weight;
    char *dx;
    char *columns; /* of all chunks, each with columns_bytes bytes */
    size_t columns_bytes;
    int64_t chunks;
} task;

/* The planes of dx of one image and group. Each is a piece. */
typedef struct {
    const cd_conv2d_sizes *conv;
    cd_dtype dtype;
    const char *columns;
    char *planes;
} image_planes;

static void add_plane(int64_t channel, void *context)
{
    const image_planes *p = context;
    size_t size = cd_dtype_size(p->dtype);
    int64_t rows = p->conv->kernel_h * p->conv->kernel_w * cd_cpu_conv2d_pixels(p->conv);
    int64_t area = p->conv->height * p->conv->width;
    add_channel[p->dtype](p->conv, p->columns + (size_t)(channel * rows) * size,
                          p->planes + (size_t)(channel * area) * size);
}

static void run_image(const task *job, int64_t n, char *columns)
{
    const cd_conv2d_sizes *conv = job->conv;
    size_t size = cd_dtype_size(job->dtype);
    int64_t inputs = conv->in_channels / conv->groups, outputs = conv->out_channels / conv->groups;
    int64_t taps = cd_cpu_conv2d_taps(conv), pixels = cd_cpu_conv2d_pixels(conv);
    for (int64_t group = 0; group < conv->groups; group++) {
        int64_t input = n * conv->in_channels + group * inputs;
        int64_t output = n * conv->out_channels + group * outputs;
        cd_gemm_call call = { .m = taps,
                              .n = pixels,
                              .k = outputs,
                              .alpha = 1,
                              .a = job->weight + (size_t)(group * outputs * taps) * size,
                              .lda = taps,
                              .transpose_a = true,
                              .b = job->dy + (size_t)(output * pixels) * size,
                              .ldb = pixels,
                              .c = columns,
                              .ldc = pixels };
        cd_cpu_gemm(job->dtype, &call);
        image_planes to = { .conv = conv,
                            .dtype = job->dtype,
                            .columns = columns,
                            .planes =
                                job->dx + (size_t)(input * conv->height * conv->width) * size };
        cd_parallel(inputs, add_plane, &to);
    }
}

static void run_chunk(int64_t chunk, void *context)
{
    const task *job = context;
    int64_t images = job->conv->images;
    char *columns = job->columns + (size_t)chunk * job->columns_bytes;
    for (int64_t n = chunk * images / job->chunks; n < (chunk + 1) * images / job->chunks; n++) {
        run_image(job, n, columns);
    }
}

static void grad_input(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                       const void *weight, void *dx, void *workspace_)
{
    task job = { .conv = conv,
                 .dtype = dtype,
                 .dy = dy,
                 .weight = weight,
                 .dx = dx,
                 .columns = workspace_,
                 .columns_bytes = columns_bytes(conv, dtype) };
    job.chunks = chunks_of(conv, job.columns_bytes);
    if (job.chunks == 1) {
        run_chunk(0, &job); /* outside cd_parallel, so that the product itself may use it */
    } else {
        cd_parallel(job.chunks, run_chunk, &job);
    }
}

const cd_conv2d_method cd_cpu_conv2d_columns = { .grad_input = grad_input, .workspace = workspace };
