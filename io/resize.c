/* Bilinear resizing in two passes of fixed-point weights (io/resize_internal.h), and torchvision's
 * rules for sizes and crops. */
#include "io/resize_internal.h"

#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

/* A sample has 8 bits and a weight 22, which leaves 2 bits of an int32: one for the sign, and one
 * since the rounded weights of an output may sum to a little more than 1. */
enum { FRACTION_BITS = 22 };

/* Rows of one task of the thread pool. */
enum { ROWS_PER_PIECE = 32 };

/* The longest side: it is above that of a picture of 65535 x 1 whose shorter side becomes 16384. */
enum { MOST_SIDE = 1 << 30 };

/* The weights along one axis: output i is the sum over t < count[i] of weight[i * taps + t] *
 * input[first[i] + t]. */
typedef struct axis {
    int outputs;        /* along the window */
    int taps;           /* room for the weights of an output */
    int *first, *count; /* outputs of each, in one allocation */
    int32_t *weight;    /* outputs x taps */
} axis;

typedef struct job {
    axis horizontal, vertical;
    int channels, in_width;
    int row_first, row_count; /* the rows of `in` that the vertical pass reads */
    const unsigned char *in;
    unsigned char *middle; /* row_count x horizontal.outputs x channels */
    unsigned char *out;
} job;

/* --- weights ---------------------------------------------------------------------------------- */

static double triangle(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

/* Rounds to nearest; the weights of a triangle are not negative. */
static int32_t to_fixed(double weight)
{
    return (int32_t)(weight * (1 << FRACTION_BITS) + 0.5);
}

static void axis_free(axis *a)
{
    cd_free(a->first);
    cd_free(a->weight);
}

/* The weights of output i, centred at `center` in the input. `exact` has room for `taps`. */
static void fill_weights(axis *a, int i, int in_size, double center, double scale, double *exact)
{
    double support = scale; /* the triangle's is 1, stretched by the scale */
    int from = (int)(center - support + 0.5), to = (int)(center + support + 0.5);
    if (from < 0) from = 0;
    if (to > in_size) to = in_size;
    double sum = 0, inverse = 1.0 / scale; /* sum >= 0.5: the weight of the pixel at the centre */
    for (int t = 0; t < to - from; t++) {
        exact[t] = triangle((t + from - center + 0.5) * inverse);
        sum += exact[t];
    }
    a->first[i] = from;
    a->count[i] = to - from;
    for (int t = 0; t < to - from; t++) {
        a->weight[(size_t)i * (size_t)a->taps + (size_t)t] = to_fixed(exact[t] / sum);
    }
}

/* An axis of in_size pixels is resized to `size`: the weights of outputs skip to skip + outputs -
 * 1. */
static bool axis_make(axis *a, int in_size, int size, int skip, int outputs)
{
    double ratio = (double)in_size / size, scale = ratio < 1.0 ? 1.0 : ratio;
    a->outputs = outputs;
    a->taps = (int)ceil(scale) * 2 + 1;
    a->first = cd_alloc(2 * sizeof(int) * (size_t)outputs);
    a->weight = cd_alloc(sizeof(int32_t) * (size_t)outputs * (size_t)a->taps);
    double *exact = cd_alloc(sizeof(double) * (size_t)a->taps);
    if (!a->first || !a->weight || !exact) {
        cd_free(exact);
        return false;
    }
    a->count = a->first + outputs;
    for (int i = 0; i < outputs; i++) {
        fill_weights(a, i, in_size, (i + skip + 0.5) * ratio, scale, exact);
    }
    cd_free(exact);
    return true;
}

/* --- passes ----------------------------------------------------------------------------------- */

/* Clips, because the rounded weights of an output may sum to a little more than 1. */
static unsigned char to_byte(int32_t sum)
{
    int32_t level = sum >> FRACTION_BITS;
    return (unsigned char)(level > 255 ? 255 : level);
}

/* 0.5 in fixed point, with which a sum begins so that to_byte rounds. */
static const int32_t HALF = 1 << (FRACTION_BITS - 1);

/* horizontal_row for three channels. */
static void horizontal_row_3(const axis *a, const unsigned char *in, unsigned char *out)
{
    for (int x = 0; x < a->outputs; x++, out += 3) {
        const unsigned char *p = in + 3 * (ptrdiff_t)a->first[x];
        const int32_t *w = a->weight + (size_t)x * (size_t)a->taps;
        int32_t red = HALF, green = HALF, blue = HALF;
        for (int t = 0; t < a->count[x]; t++, p += 3) {
            red += w[t] * p[0];
            green += w[t] * p[1];
            blue += w[t] * p[2];
        }
        out[0] = to_byte(red);
        out[1] = to_byte(green);
        out[2] = to_byte(blue);
    }
}

static void horizontal_row(const axis *a, int channels, const unsigned char *in, unsigned char *out)
{
    for (int x = 0; x < a->outputs; x++) {
        const int32_t *w = a->weight + (size_t)x * (size_t)a->taps;
        for (int c = 0; c < channels; c++) {
            const unsigned char *p = in + (ptrdiff_t)channels * a->first[x] + c;
            int32_t sum = HALF;
            for (int t = 0; t < a->count[x]; t++, p += channels) sum += w[t] * *p;
            *out++ = to_byte(sum);
        }
    }
}

static void horizontal_piece(int64_t index, void *context)
{
    const job *j = context;
    size_t in_bytes = (size_t)j->in_width * (size_t)j->channels;
    size_t out_bytes = (size_t)j->horizontal.outputs * (size_t)j->channels;
    int first = (int)index * ROWS_PER_PIECE;
    for (int y = first; y < first + ROWS_PER_PIECE && y < j->row_count; y++) {
        const unsigned char *in = j->in + (size_t)(y + j->row_first) * in_bytes;
        unsigned char *out = j->middle + (size_t)y * out_bytes;
        if (j->channels == 3) {
            horizontal_row_3(&j->horizontal, in, out);
        } else {
            horizontal_row(&j->horizontal, j->channels, in, out);
        }
    }
}

/* Output row y. The bytes of a row are independent, so they are summed in strips whose sums stay in
 * registers and the first cache. */
static void vertical_row(const job *j, int y, size_t row_bytes)
{
    enum { STRIP = 64 };
    const axis *a = &j->vertical;
    const int32_t *w = a->weight + (size_t)y * (size_t)a->taps;
    const unsigned char *in = j->middle + (size_t)(a->first[y] - j->row_first) * row_bytes;
    unsigned char *out = j->out + (size_t)y * row_bytes;
    for (size_t x = 0; x < row_bytes; x += STRIP) {
        size_t width = row_bytes - x < STRIP ? row_bytes - x : STRIP;
        int32_t sum[STRIP];
        for (size_t i = 0; i < width; i++) sum[i] = HALF;
        for (int t = 0; t < a->count[y]; t++) {
            const unsigned char *row = in + (size_t)t * row_bytes + x;
            for (size_t i = 0; i < width; i++) sum[i] += w[t] * row[i];
        }
        for (size_t i = 0; i < width; i++) out[x + i] = to_byte(sum[i]);
    }
}

static void vertical_piece(int64_t index, void *context)
{
    const job *j = context;
    size_t row_bytes = (size_t)j->horizontal.outputs * (size_t)j->channels;
    int first = (int)index * ROWS_PER_PIECE;
    for (int y = first; y < first + ROWS_PER_PIECE && y < j->vertical.outputs; y++) {
        vertical_row(j, y, row_bytes);
    }
}

static bool run(job *j)
{
    const axis *v = &j->vertical;
    int last = v->outputs - 1;
    j->row_first = v->first[0];
    j->row_count = v->first[last] + v->count[last] - j->row_first;
    j->middle =
        cd_alloc((size_t)j->row_count * (size_t)j->horizontal.outputs * (size_t)j->channels);
    if (!j->middle) return false;
    cd_parallel((j->row_count + ROWS_PER_PIECE - 1) / ROWS_PER_PIECE, horizontal_piece, j);
    cd_parallel((v->outputs + ROWS_PER_PIECE - 1) / ROWS_PER_PIECE, vertical_piece, j);
    cd_free(j->middle);
    return true;
}

static bool sides_allowed(int width, int height)
{
    return width >= 1 && height >= 1 && width <= MOST_SIDE && height <= MOST_SIDE;
}

bool cd_resize_bilinear(const unsigned char *in, int in_width, int in_height, int channels,
                        int width, int height, const cd_window *window, unsigned char *out)
{
    if (!in || !out) return cd_fail(CD_ERR_ARGUMENT, "resize: in and out must not be NULL");
    if (channels < 1 || channels > 4 || !sides_allowed(in_width, in_height) ||
        !sides_allowed(width, height)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "resize: %d x %d pixels of %d channels to %d x %d; sides must be 1 to %d, "
                       "channels 1 to 4",
                       in_width, in_height, channels, width, height, MOST_SIDE);
    }
    cd_window all = { 0, 0, width, height };
    if (!window) window = &all;
    if (window->x < 0 || window->y < 0 || window->width < 1 || window->height < 1 ||
        window->width > width - window->x || window->height > height - window->y) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "resize: the window (%d, %d) of %d x %d is not within %d x %d", window->x,
                       window->y, window->width, window->height, width, height);
    }
    job j = { .channels = channels, .in_width = in_width, .in = in, .out = out };
    bool done = axis_make(&j.horizontal, in_width, width, window->x, window->width) &&
                axis_make(&j.vertical, in_height, height, window->y, window->height) && run(&j);
    axis_free(&j.horizontal);
    axis_free(&j.vertical);
    return done;
}

/* --- torchvision's rules of size -------------------------------------------------------------- */

void cd_resize_shorter_side(int in_width, int in_height, int shorter, int *width, int *height)
{
    bool wide = in_width >= in_height;
    int small = wide ? in_height : in_width, large = wide ? in_width : in_height;
    int64_t longer = (int64_t)shorter * large / small;
    if (longer > INT32_MAX) longer = INT32_MAX;
    *width = wide ? (int)longer : shorter;
    *height = wide ? shorter : (int)longer;
}

int cd_center_crop_offset(int size, int crop)
{
    if (size < crop) return -((crop - size) / 2);
    int left = size - crop, half = left / 2;
    return left % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}
