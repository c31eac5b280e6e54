/* The columns of one plane, for one type: see columns_internal.h.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h), and PLUS(a, b), the sum of two elements. */
#if !defined TYPE || !defined SUFFIX || !defined PLUS
#error "a parameter of columns_typed.h is missing"
#endif
#include <string.h>

#include "core/cpu/conv_internal.h"
#include "core/cpu/typed_internal.h"

/* A row of columns from a row of the plane, of which output j reads the element first + j * stride;
 * zeros where that is outside: for the outputs that are not in [begin, end). */
static void TYPED(take_row)(const TYPE *row, int64_t first, int64_t stride, int64_t begin,
                            int64_t end, int64_t count, TYPE *to)
{
    if (begin > 0) memset(to, 0, (size_t)begin * sizeof(TYPE));
    if (stride == 1 && end > begin) {
        memcpy(to + begin, row + first + begin, (size_t)(end - begin) * sizeof(TYPE));
    } else {
        for (int64_t j = begin; j < end; j++) to[j] = row[first + j * stride];
    }
    if (end < begin) end = begin;
    if (end < count) memset(to + end, 0, (size_t)(count - end) * sizeof(TYPE));
}

static void TYPED(take)(const cd_conv2d_sizes *conv, const void *plane, void *columns)
{
    TYPE *to = columns;
    for (int64_t tap = 0; tap < conv->kernel_h * conv->kernel_w; tap++) {
        int64_t h0 = tap / conv->kernel_w * conv->dilation_h - conv->padding_h;
        int64_t w0 = tap % conv->kernel_w * conv->dilation_w - conv->padding_w;
        int64_t begin, end;
        cd_cpu_conv2d_outputs_inside(w0, conv->stride_w, conv->width, conv->out_w, &begin, &end);
        for (int64_t i = 0; i < conv->out_h; i++, to += conv->out_w) {
            int64_t h = h0 + i * conv->stride_h;
            if (h < 0 || h >= conv->height) {
                memset(to, 0, (size_t)conv->out_w * sizeof(TYPE));
                continue;
            }
            TYPED(take_row)
            ((const TYPE *)plane + h * conv->width, w0, conv->stride_w, begin, end, conv->out_w,
             to);
        }
    }
}

/* In order of (p,q), then (i,j). */
static void TYPED(add)(const cd_conv2d_sizes *conv, const void *columns, void *plane)
{
    memset(plane, 0, (size_t)(conv->height * conv->width) * sizeof(TYPE));
    for (int64_t tap = 0; tap < conv->kernel_h * conv->kernel_w; tap++) {
        int64_t h0 = tap / conv->kernel_w * conv->dilation_h - conv->padding_h;
        int64_t w0 = tap % conv->kernel_w * conv->dilation_w - conv->padding_w;
        int64_t i, i_end, j_begin, j_end;
        cd_cpu_conv2d_outputs_inside(h0, conv->stride_h, conv->height, conv->out_h, &i, &i_end);
        cd_cpu_conv2d_outputs_inside(w0, conv->stride_w, conv->width, conv->out_w, &j_begin,
                                     &j_end);
        for (; i < i_end; i++) {
            const TYPE *from = (const TYPE *)columns + (tap * conv->out_h + i) * conv->out_w;
            TYPE *row = (TYPE *)plane + (h0 + i * conv->stride_h) * conv->width;
            for (int64_t j = j_begin; j < j_end; j++) {
                TYPE *to = row + w0 + j * conv->stride_w;
                *to = (TYPE)PLUS(*to, from[j]);
            }
        }
    }
}

#undef TYPE
#undef SUFFIX
#undef PLUS
