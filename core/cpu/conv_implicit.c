/* Convolution as a product without the matrix of columns ("implicit GEMM"):
 *
 *     y_n [O x pixels] = weight [O x taps] X_n [taps x pixels],     per group
 *     X_n[(c,p,q)][(i,j)] = x[n, c, i*stride_h + p*dilation_h, j*stride_w + q*dilation_w]
 *
 * where x is padded with zeros. An element's offset in x is the sum of one offset for the tap
 * (c,p,q) and one for the pixel (i,j). So cd_cpu_gemm gathers X_n by two tables of offsets while it
 * packs; the matrix X_n would be kernel_h * kernel_w times as large as the image. With padding, a
 * piece of work makes a padded copy of the image, or of the band of rows that it needs; without
 * padding x is read in place.
 *
 * The gradient of the weight is dy_n [O x pixels] X_n^T [pixels x taps], with the tables swapped,
 * summed over n. The gradient of the input, for a stride of 1, is the convolution of dy with the
 * flipped weight, where input and output channels change places and the padding is
 * dilation * (kernel - 1) - padding. There the zeros are around dy, and must not be multiplied by a
 * weight that is not finite: such weights take conv_direct.c. */
#include "core/cpu/conv_internal.h"

#include <string.h>

#include "core/cpu/gemm_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

/* How the work is cut, which depends on the shape alone, and the offsets in the workspace: first
 * the two tables, then a padded image for each piece, then the partial sums of a gradient of the
 * weight. */
typedef struct {
    int64_t chunks;           /* of images */
    int64_t bands;            /* of output rows, per image */
    int64_t plane_h, plane_w; /* size of a channel as the product reads it */
    bool padded;
    size_t image_offset, image_bytes;     /* each piece's padded channels of one group */
    size_t partial_offset, partial_bytes; /* the sum of dweight of each chunk but the first */
    size_t total;
} layout;

/* *total += count * size, rounded up to a multiple of 64 bytes. */
static bool add_bytes(size_t *total, int64_t count, size_t size)
{
    size_t bytes;
    return cd_checked_mul((size_t)count, size, &bytes) && cd_checked_add(bytes, 63, &bytes) &&
           cd_checked_add(*total, bytes & ~(size_t)63, total);
}

/* The number of pieces: of a million multiply-adds each, but 16 at most. */
static int64_t wanted_pieces(const cd_conv2d_sizes *conv)
{
    double products = (double)conv->images * (double)conv->out_channels *
                      (double)cd_cpu_conv2d_pixels(conv) * (double)cd_cpu_conv2d_taps(conv);
    return products < 16e6 ? cd_larger(1, (int64_t)(products / 1e6)) : 16;
}

/* Sets the sizes and offsets. False if the workspace is too large to address. */
static bool lay_out(const cd_conv2d_sizes *conv, cd_dtype dtype, layout *p)
{
    size_t size = cd_dtype_size(dtype), total = 0, image = 0, partial = 0;
    p->padded = conv->padding_h > 0 || conv->padding_w > 0;
    p->plane_h = conv->height;
    p->plane_w = conv->width;
    bool fits = add_bytes(&total, cd_cpu_conv2d_taps(conv), sizeof(int64_t)) &&
                add_bytes(&total, cd_cpu_conv2d_pixels(conv), sizeof(int64_t));
    p->image_offset = total;
    if (p->padded) {
        int64_t rows = cd_divide_up(conv->out_h, p->bands); /* output rows of the largest band */
        p->plane_h = (rows - 1) * conv->stride_h + conv->dilation_h * (conv->kernel_h - 1) + 1;
        p->plane_w = conv->width + 2 * conv->padding_w;
        int64_t elements;
        fits = fits && cd_checked_mul_i64(p->plane_h, p->plane_w, &elements) &&
               cd_checked_mul_i64(elements, conv->in_channels / conv->groups, &elements) &&
               add_bytes(&image, elements, size) && add_bytes(&total, p->chunks * p->bands, image);
    }
    p->partial_offset = total;
    fits = fits && add_bytes(&partial, conv->out_channels * cd_cpu_conv2d_taps(conv), size);
    p->image_bytes = image;
    p->partial_bytes = partial;
    p->total = total;
    return fits;
}

/* Forward: a piece is some whole images if there are enough of them, else a band of rows. */
static bool plan_forward(const cd_conv2d_sizes *conv, cd_dtype dtype, layout *p)
{
    int64_t wanted = wanted_pieces(conv);
    p->chunks = cd_larger(1, cd_smaller(conv->images, wanted));
    p->bands = cd_larger(1, cd_smaller(conv->out_h, wanted / p->chunks));
    return lay_out(conv, dtype, p);
}

/* Gradient of the weight: each chunk of images has a partial sum. If these would take more than
 * 16 MiB there is one chunk, and cd_cpu_gemm cuts each product into pieces. */
static bool plan_grad_weight(const cd_conv2d_sizes *conv, cd_dtype dtype, layout *p)
{
    const double most_bytes = 16 << 20;
    double bytes = (double)conv->out_channels * (double)cd_cpu_conv2d_taps(conv) *
                   (double)cd_dtype_size(dtype);
    int64_t chunks = cd_smaller(conv->images, wanted_pieces(conv));
    if (bytes * (double)chunks > most_bytes) chunks = (int64_t)(most_bytes / bytes);
    p->chunks = chunks < 4 ? 1 : chunks;
    p->bands = 1;
    return lay_out(conv, dtype, p) && add_bytes(&p->total, p->chunks - 1, p->partial_bytes);
}

/* The tables of offsets, in elements, for planes of plane_h x plane_w. */
static void fill_tables(const cd_conv2d_sizes *conv, const layout *p, int64_t *tap, int64_t *pixel)
{
    int64_t channels = conv->in_channels / conv->groups;
    for (int64_t c = 0; c < channels; c++) {
        for (int64_t kh = 0; kh < conv->kernel_h; kh++) {
            for (int64_t kw = 0; kw < conv->kernel_w; kw++) {
                *tap++ =
                    (c * p->plane_h + kh * conv->dilation_h) * p->plane_w + kw * conv->dilation_w;
            }
        }
    }
    for (int64_t h = 0; h < conv->out_h; h++) {
        for (int64_t w = 0; w < conv->out_w; w++) {
            *pixel++ = h * conv->stride_h * p->plane_w + w * conv->stride_w;
        }
    }
}

typedef struct {
    const cd_conv2d_sizes *conv;
    cd_dtype dtype;
    size_t size; /* bytes per element */
    layout plan;
    const int64_t *tap, *pixel;
    char *images, *partials;
    const void *x, *weight;
    bool biased;
    void *y;
    const void *dy;
    void *dweight;
} task;

static task start_job(const cd_conv2d_sizes *conv, cd_dtype dtype, const layout *p, void *workspace)
{
    int64_t *tap = workspace;
    int64_t *pixel = tap + (cd_cpu_conv2d_taps(conv) + 7) / 8 * 8;
    fill_tables(conv, p, tap, pixel);
    return (task){ .conv = conv,
                   .dtype = dtype,
                   .size = cd_dtype_size(dtype),
                   .plan = *p,
                   .tap = tap,
                   .pixel = pixel,
                   .images = (char *)workspace + p->image_offset,
                   .partials = (char *)workspace + p->partial_offset };
}

/* to = the rows [first, first + rows) of the padded plane. */
static void pad_plane(const task *job, const char *plane, int64_t first, int64_t rows, char *to)
{
    const cd_conv2d_sizes *conv = job->conv;
    size_t side = (size_t)conv->padding_w * job->size, width = (size_t)conv->width * job->size;
    for (int64_t r = 0; r < rows; r++, to += width + 2 * side) {
        int64_t h = first + r - conv->padding_h;
        if (h < 0 || h >= conv->height) {
            memset(to, 0, width + 2 * side);
            continue;
        }
        memset(to, 0, side);
        memcpy(to + side, plane + (size_t)h * width, width);
        memset(to + side + width, 0, side);
    }
}

/* The channels of image n and a group, from the first element that output row `row` reads on: in x
 * itself, or padded in `room`, where enough rows for the output rows [row, row + rows) are made. */
static const char *channels_of(const task *job, int64_t n, int64_t group, int64_t row, int64_t rows,
                               char *room)
{
    const cd_conv2d_sizes *conv = job->conv;
    int64_t channels = conv->in_channels / conv->groups, first = row * conv->stride_h;
    size_t plane = (size_t)(conv->height * conv->width) * job->size;
    const char *x =
        (const char *)job->x + (size_t)(n * conv->in_channels + group * channels) * plane;
    if (!job->plan.padded) return x + (size_t)(first * conv->width) * job->size;
    int64_t needed = (rows - 1) * conv->stride_h + conv->dilation_h * (conv->kernel_h - 1) + 1;
    size_t padded_plane = (size_t)(job->plan.plane_h * job->plan.plane_w) * job->size;
    for (int64_t c = 0; c < channels; c++) {
        pad_plane(job, x + (size_t)c * plane, first, needed, room + (size_t)c * padded_plane);
    }
    return room;
}

/* Computes the output rows [row, row + rows) of image n. */
static void forward_band(const task *job, int64_t n, int64_t row, int64_t rows, char *room)
{
    const cd_conv2d_sizes *conv = job->conv;
    int64_t outputs = conv->out_channels / conv->groups, taps = cd_cpu_conv2d_taps(conv);
    for (int64_t group = 0; group < conv->groups; group++) {
        int64_t output = group * outputs;
        cd_gemm_call call = {
            .m = outputs,
            .n = rows * conv->out_w,
            .k = taps,
            .alpha = 1,
            .beta = job->biased,
            .a = (const char *)job->weight + (size_t)(output * taps) * job->size,
            .lda = taps,
            .b = channels_of(job, n, group, row, rows, room),
            .b_row = job->tap,
            .b_column = job->pixel,
            .c = (char *)job->y +
                 (size_t)(((n * conv->out_channels + output) * conv->out_h + row) * conv->out_w) *
                     job->size,
            .ldc = cd_cpu_conv2d_pixels(conv),
        };
        cd_cpu_gemm(job->dtype, &call);
    }
}

static void forward_piece(int64_t index, void *context)
{
    const task *job = context;
    const layout *p = &job->plan;
    int64_t chunk = index / p->bands, band = index % p->bands;
    int64_t images = job->conv->images, height = job->conv->out_h;
    int64_t row = band * height / p->bands, end = (band + 1) * height / p->bands;
    char *room = job->images + (size_t)index * p->image_bytes;
    for (int64_t n = chunk * images / p->chunks; n < (chunk + 1) * images / p->chunks; n++) {
        forward_band(job, n, row, end - row, room);
    }
}

static void forward(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x, const void *weight,
                    bool biased, void *y, void *workspace)
{
    layout p;
    (void)plan_forward(conv, dtype, &p); /* it fits: the workspace has been measured by it */
    task job = start_job(conv, dtype, &p, workspace);
    job.x = x;
    job.weight = weight;
    job.biased = biased;
    job.y = y;
    cd_parallel(p.chunks * p.bands, forward_piece, &job);
}

/* The sizes of the convolution that computes this one's gradient of the input. */
static cd_conv2d_sizes transposed(const cd_conv2d_sizes *conv)
{
    cd_conv2d_sizes back = *conv;
    back.in_channels = conv->out_channels;
    back.height = conv->out_h;
    back.width = conv->out_w;
    back.out_channels = conv->in_channels;
    back.out_h = conv->height;
    back.out_w = conv->width;
    back.padding_h = conv->dilation_h * (conv->kernel_h - 1) - conv->padding_h;
    back.padding_w = conv->dilation_w * (conv->kernel_w - 1) - conv->padding_w;
    return back;
}

#define REVERSE(suffix_, type_)                                                                    \
    static void reverse_##suffix_(const void *from, void *to, int64_t count)                       \
    {                                                                                              \
        for (int64_t i = 0; i < count; i++) {                                                      \
            ((type_ *)to)[i] = ((const type_ *)from)[count - 1 - i];                               \
        }                                                                                          \
    }
REVERSE(f32, float)
REVERSE(f64, double)

typedef void reverse_function(const void *from, void *to, int64_t count);
static reverse_function *const reverse[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(reverse) };

/* flipped[group*C + c][o][p][q] = weight[group*O + o][c][kernel_h - 1 - p][kernel_w - 1 - q], where
 * a group has C input and O output channels. */
static void flip(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *weight, void *flipped)
{
    int64_t inputs = conv->in_channels / conv->groups, outputs = conv->out_channels / conv->groups;
    int64_t area = conv->kernel_h * conv->kernel_w;
    size_t bytes = (size_t)area * cd_dtype_size(dtype);
    char *to = flipped;
    for (int64_t channel = 0; channel < conv->in_channels; channel++) {
        int64_t group = channel / inputs, c = channel % inputs;
        for (int64_t o = group * outputs; o < (group + 1) * outputs; o++, to += bytes) {
            reverse[dtype]((const char *)weight + (size_t)(o * inputs + c) * bytes, to, area);
        }
    }
}

static void grad_input(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                       const void *weight, void *dx, void *workspace)
{
    cd_conv2d_sizes back = transposed(conv);
    layout p;
    (void)plan_forward(&back, dtype, &p);
    if (p.padded && !cd_cpu_conv2d_weight_is_finite(conv, dtype, weight)) {
        cd_cpu_conv2d_grad_input_direct(conv, dtype, dy, weight, dx);
        return;
    }
    void *flipped = (char *)workspace + p.total;
    flip(conv, dtype, weight, flipped);
    forward(&back, dtype, dy, flipped, false, dx, workspace);
}

/* The sum over one chunk's images, in order. */
static void grad_weight_chunk(int64_t chunk, void *context)
{
    const task *job = context;
    const cd_conv2d_sizes *conv = job->conv;
    const layout *p = &job->plan;
    int64_t outputs = conv->out_channels / conv->groups, taps = cd_cpu_conv2d_taps(conv);
    int64_t pixels = cd_cpu_conv2d_pixels(conv);
    int64_t first = chunk * conv->images / p->chunks, end = (chunk + 1) * conv->images / p->chunks;
    char *room = job->images + (size_t)chunk * p->image_bytes;
    char *sum = chunk == 0 ? job->dweight : job->partials + (size_t)(chunk - 1) * p->partial_bytes;
    for (int64_t n = first; n < end; n++) {
        for (int64_t group = 0; group < conv->groups; group++) {
            int64_t output = group * outputs;
            cd_gemm_call call = {
                .m = outputs,
                .n = taps,
                .k = pixels,
                .alpha = 1,
                .beta = n > first,
                .a = (const char *)job->dy +
                     (size_t)((n * conv->out_channels + output) * pixels) * job->size,
                .lda = pixels,
                .b = channels_of(job, n, group, 0, conv->out_h, room),
                .b_row = job->pixel,
                .b_column = job->tap,
                .c = sum + (size_t)(output * taps) * job->size,
                .ldc = taps,
            };
            cd_cpu_gemm(job->dtype, &call);
        }
    }
}

#define ADD(suffix_, type_)                                                                        \
    static void add_##suffix_(void *sum, const void *partial, int64_t first, int64_t end)          \
    {                                                                                              \
        for (int64_t i = first; i < end; i++) {                                                    \
            ((type_ *)sum)[i] += ((const type_ *)partial)[i];                                      \
        }                                                                                          \
    }
ADD(f32, float)
ADD(f64, double)

typedef void add_function(void *sum, const void *partial, int64_t first, int64_t end);
static add_function *const add[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(add) };

enum { SUM_PIECES = 16 };

/* Adds the chunks' sums, in order, over one range of dweight. */
static void add_partials(int64_t piece, void *context)
{
    const task *job = context;
    const layout *p = &job->plan;
    int64_t count = job->conv->out_channels * cd_cpu_conv2d_taps(job->conv);
    int64_t first = piece * count / SUM_PIECES, end = (piece + 1) * count / SUM_PIECES;
    for (int64_t chunk = 1; chunk < p->chunks; chunk++) {
        const char *partial = job->partials + (size_t)(chunk - 1) * p->partial_bytes;
        add[job->dtype](job->dweight, partial, first, end);
    }
}

static void grad_weight(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy, const void *x,
                        void *dweight, void *workspace)
{
    layout p;
    (void)plan_grad_weight(conv, dtype, &p);
    if (conv->images == 0) {
        memset(dweight, 0,
               (size_t)(conv->out_channels * cd_cpu_conv2d_taps(conv)) * cd_dtype_size(dtype));
        return;
    }
    task job = start_job(conv, dtype, &p, workspace);
    job.dy = dy;
    job.x = x;
    job.dweight = dweight;
    if (p.chunks == 1) {
        grad_weight_chunk(0, &job); /* outside cd_parallel, so that the products may use it */
        return;
    }
    cd_parallel(p.chunks, grad_weight_chunk, &job);
    cd_parallel(SUM_PIECES, add_partials, &job);
}

static size_t workspace(const cd_conv2d_sizes *conv, cd_conv2d_pass pass, cd_dtype dtype)
{
    layout p;
    bool fits;
    if (pass == CD_CONV2D_GRAD_WEIGHT) {
        fits = plan_grad_weight(conv, dtype, &p);
    } else if (pass == CD_CONV2D_FORWARD) {
        fits = plan_forward(conv, dtype, &p);
    } else {
        cd_conv2d_sizes back = transposed(conv);
        int64_t weights = conv->out_channels * cd_cpu_conv2d_taps(conv);
        fits = plan_forward(&back, dtype, &p) && add_bytes(&p.total, weights, cd_dtype_size(dtype));
    }
    return fits ? p.total : SIZE_MAX;
}

const cd_conv2d_method cd_cpu_conv2d_implicit = {
    .forward = forward, .grad_input = grad_input, .grad_weight = grad_weight, .workspace = workspace
};
