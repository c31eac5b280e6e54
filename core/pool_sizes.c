/* See pool_sizes_internal.h. */
#include "core/pool_sizes_internal.h"

#include "core/memory_internal.h"

/* The output's height or width: *out = (size + 2*padding - extent) / stride + 1, rounded down, or
 * up in ceil mode. In ceil mode the last window may reach beyond the padding, but must start inside
 * the image or the padding before it. */
static const char *output_size(int64_t size, int64_t kernel, int64_t stride, int64_t padding,
                               int64_t dilation, bool ceil_mode, int64_t *out)
{
    int64_t extent, padded; /* of the dilated kernel; of the input with its padding */
    if (__builtin_mul_overflow(dilation, kernel - 1, &extent) ||
        __builtin_add_overflow(extent, 1, &extent)) {
        return "dilation is too large";
    }
    if (padding > kernel / 2) return "padding must be at most half the kernel";
    if (__builtin_add_overflow(size, 2 * padding, &padded)) return "padding is too large";
    if (ceil_mode && padded > INT64_MAX - stride) return "stride is too large";
    if (extent > padded && !(ceil_mode && extent - padded < stride)) {
        return "the kernel is larger than the padded input";
    }
    *out = (padded - extent + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    if (ceil_mode && (*out - 1) * stride >= size + padding) *out -= 1;
    return NULL;
}

/* What is wrong with the sizes by themselves; NULL if nothing. */
static const char *check_ranges(const cd_pool2d_sizes *p)
{
    if (p->planes < 0 || p->height < 1 || p->width < 1) {
        return "the input must have at least one row and one column";
    }
    if (p->kernel_h < 1 || p->kernel_w < 1) return "the kernel must be at least 1x1";
    if (p->stride_h < 1 || p->stride_w < 1) return "stride must be at least 1";
    if (p->padding_h < 0 || p->padding_w < 0) return "padding must not be negative";
    if (p->dilation_h < 1 || p->dilation_w < 1) return "dilation must be at least 1";
    return NULL;
}

const char *cd_pool2d_sizes_complete(cd_pool2d_sizes *p)
{
    int64_t out_h = 0, out_w = 0, elements;
    const char *wrong = check_ranges(p);
    if (!wrong) {
        wrong = output_size(p->height, p->kernel_h, p->stride_h, p->padding_h, p->dilation_h,
                            p->ceil_mode, &out_h);
    }
    if (!wrong) {
        wrong = output_size(p->width, p->kernel_w, p->stride_w, p->padding_w, p->dilation_w,
                            p->ceil_mode, &out_w);
    }
    if (wrong) return wrong;
    if (!cd_checked_mul_i64(out_h, out_w, &elements) ||
        !cd_checked_mul_i64(elements, 8, &elements) ||
        !cd_checked_mul_i64(elements, p->planes, &elements)) {
        return "the sizes are too large";
    }
    p->out_h = out_h;
    p->out_w = out_w;
    return NULL;
}
