/* The gradient of the input by its definition, for one type: see conv_direct.c.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of conv_direct_typed.h is missing"
#endif
#include <math.h>
#include <string.h>

#include "core/cpu/conv_internal.h"
#include "core/cpu/typed_internal.h"

static bool TYPED(is_finite)(const void *values, int64_t count)
{
    bool finite = true;
    for (int64_t i = 0; i < count; i++) finite &= isfinite(((const TYPE *)values)[i]) != 0;
    return finite;
}

/* plane += one tap's weight times the outputs that read the plane with it. */
static void TYPED(add_tap)(const cd_conv2d_sizes *conv, int64_t kh, int64_t kw, TYPE weight,
                           const TYPE *dy, TYPE *plane)
{
    const int64_t h0 = kh * conv->dilation_h - conv->padding_h;
    const int64_t w0 = kw * conv->dilation_w - conv->padding_w;
    int64_t i, i_end, j_begin, j_end;
    cd_cpu_conv2d_outputs_inside(h0, conv->stride_h, conv->height, conv->out_h, &i, &i_end);
    cd_cpu_conv2d_outputs_inside(w0, conv->stride_w, conv->width, conv->out_w, &j_begin, &j_end);
    for (; i < i_end; i++) {
        TYPE *row = plane + (h0 + i * conv->stride_h) * conv->width;
        for (int64_t j = j_begin; j < j_end; j++) {
            row[w0 + j * conv->stride_w] += weight * dy[i * conv->out_w + j];
        }
    }
}

/* One channel of one image: the sum over the outputs of its group, then over the taps. */
static void TYPED(direct_plane)(const cd_conv2d_sizes *conv, const void *dy, const void *weight,
                                void *dx, int64_t plane)
{
    const int64_t inputs = conv->in_channels / conv->groups;
    const int64_t outputs = conv->out_channels / conv->groups;
    const int64_t n = plane / conv->in_channels, channel = plane % conv->in_channels;
    const int64_t first = channel / inputs * outputs, c = channel % inputs;
    const int64_t size = conv->height * conv->width;
    TYPE *to = (TYPE *)dx + plane * size;
    memset(to, 0, (size_t)size * sizeof(TYPE));
    for (int64_t o = first; o < first + outputs; o++) {
        const TYPE *from =
            (const TYPE *)dy + (n * conv->out_channels + o) * cd_cpu_conv2d_pixels(conv);
        const TYPE *tap = (const TYPE *)weight + (o * inputs + c) * conv->kernel_h * conv->kernel_w;
        for (int64_t kh = 0; kh < conv->kernel_h; kh++) {
            for (int64_t kw = 0; kw < conv->kernel_w; kw++) {
                TYPED(add_tap)(conv, kh, kw, *tap++, from, to);
            }
        }
    }
}

#undef TYPE
#undef SUFFIX
