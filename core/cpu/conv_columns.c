/* The gradient of the input for any stride: the product, then the sum of what fell on each pixel
 * ("col2im").
 *
 *     columns [taps x pixels] = weight^T [taps x O] dy_n [O x pixels],     per group
 *     dx[n, c, i*stride_h - padding_h + p*dilation_h, j*stride_w - padding_w + q*dilation_w]
 *         += columns[(c,p,q)][(i,j)]
 *
 * in order of (p,q), then (i,j). A gather as in conv_implicit.c would multiply by the zeros between
 * the strides, 3 of 4 for a stride of 2. */
#include "core/cpu/conv_internal.h"

#include <string.h>

#include "core/cpu/gemm_internal.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

/* Chunks of images, each with columns of its own, while those stay below 32 MiB; else one image at
 * a time, its product and its channels cut instead. */
static int64_t chunks_of(const cd_conv2d_sizes *conv, size_t columns_bytes)
{
    const size_t most_bytes = (size_t)32 << 20;
    int64_t chunks = conv->images < 16 ? conv->images : 16;
    if (columns_bytes > most_bytes / 16) chunks = (int64_t)(most_bytes / columns_bytes);
    if (chunks > conv->images) chunks = conv->images;
    return chunks < 4 ? 1 : chunks;
}

/* Bytes of one image's columns, of one group, rounded up to 64. cd_conv2d_sizes_complete has
 * checked it.
 */
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

/* The outputs j whose tap at `tap` (q*dilation - padding) lies inside: 0 <= j*stride + tap < size.
 */
static void range_inside(int64_t tap, int64_t stride, int64_t size, int64_t outputs, int64_t *first,
                         int64_t *end)
{
    *first = tap >= 0 ? 0 : (-tap + stride - 1) / stride;
    *end = tap >= size ? 0 : (size - 1 - tap) / stride + 1;
    if (*first > outputs) *first = outputs;
    if (*end > outputs) *end = outputs;
}

static void add_strided(cd_dtype dtype, void *to, int64_t stride, const void *from, int64_t count)
{
    if (dtype == CD_F32) {
        for (int64_t j = 0; j < count; j++) ((float *)to)[j * stride] += ((const float *)from)[j];
    } else {
        for (int64_t j = 0; j < count; j++) ((double *)to)[j * stride] += ((const double *)from)[j];
    }
}

/* One channel's plane of dx from its kernel_h * kernel_w rows of columns. */
static void add_channel(const cd_conv2d_sizes *conv, cd_dtype dtype, const char *columns,
                        char *plane)
{
    size_t size = cd_dtype_size(dtype);
    memset(plane, 0, (size_t)(conv->height * conv->width) * size);
    for (int64_t tap = 0; tap < conv->kernel_h * conv->kernel_w; tap++) {
        int64_t h0 = tap / conv->kernel_w * conv->dilation_h - conv->padding_h;
        int64_t w0 = tap % conv->kernel_w * conv->dilation_w - conv->padding_w;
        int64_t i, i_end, j, j_end;
        range_inside(h0, conv->stride_h, conv->height, conv->out_h, &i, &i_end);
        range_inside(w0, conv->stride_w, conv->width, conv->out_w, &j, &j_end);
        if (j >= j_end) continue;
        for (; i < i_end; i++) {
            int64_t to = (h0 + i * conv->stride_h) * conv->width + w0 + j * conv->stride_w;
            int64_t from = (tap * conv->out_h + i) * conv->out_w + j;
            add_strided(dtype, plane + (size_t)to * size, conv->stride_w,
                        columns + (size_t)from * size, j_end - j);
        }
    }
}

typedef struct {
    const cd_conv2d_sizes *conv;
    cd_dtype dtype;
    const char *dy, *weight;
    char *dx, *columns;
    size_t columns_bytes;
    int64_t chunks;
} task;

/* The planes of one image and group, one piece each. */
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
    add_channel(p->conv, p->dtype, p->columns + (size_t)(channel * rows) * size,
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
        run_chunk(0, &job); /* not as a piece, so that the work inside may be cut */
    } else {
        cd_parallel(job.chunks, run_chunk, &job);
    }
}

const cd_conv2d_method cd_cpu_conv2d_columns = { .grad_input = grad_input, .workspace = workspace };
