/* The sum of the columns of conv_columns.c, for one floating type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of conv_columns_typed.h is missing"
#endif
#include <string.h>

#include "core/cpu/conv_internal.h"
#include "core/cpu/typed_internal.h"

/* One channel's plane of dx, from the channel's kernel_h * kernel_w rows of columns. */
static void TYPED(add_channel)(const cd_conv2d_sizes *conv, const void *columns, void *plane)
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
            for (int64_t j = j_begin; j < j_end; j++) row[w0 + j * conv->stride_w] += from[j];
        }
    }
}

#undef TYPE
#undef SUFFIX
