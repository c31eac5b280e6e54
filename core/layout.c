/* Layouts: making, comparing, and recognising matrices; and the layouts of single numbers. */
#include <string.h>

#include "core/kernel_internal.h"
#include "core/memory_internal.h"
#include "core/shape_internal.h"

#define SCALAR(dtype_)                                                                             \
    [dtype_] = {                                                                                   \
        .dtype = dtype_,                                                                           \
        .contiguous = true,                                                                        \
        .numel = 1,                                                                                \
    }

const cd_layout cd_number_layout[CD_DTYPE_COUNT] = {
    SCALAR(CD_F32), SCALAR(CD_F64), SCALAR(CD_I64), SCALAR(CD_I32), SCALAR(CD_U8), SCALAR(CD_BOOL),
};

int64_t cd_layout_end(const cd_layout *layout)
{
    int64_t last = layout->offset;
    for (int i = 0; i < layout->shape.ndim; i++) {
        if (layout->shape.dim[i] == 0) return layout->offset;
        last += (layout->shape.dim[i] - 1) * layout->stride[i];
    }
    return last + 1;
}

cd_layout cd_layout_row_major(cd_dtype dtype, cd_shape shape)
{
    cd_layout layout = { .dtype = dtype, .contiguous = true, .numel = 1, .shape = shape };
    int64_t stride = 1; /* sizes of 0 count as 1, as in PyTorch */
    for (int i = shape.ndim; i-- > 0;) {
        layout.stride[i] = stride;
        const int64_t size = shape.dim[i];
        if (!cd_checked_mul_i64(layout.numel, size, &layout.numel)) layout.numel = INT64_MAX;
        if (!cd_checked_mul_i64(stride, size > 1 ? size : 1, &stride)) stride = INT64_MAX;
    }
    return layout;
}

bool cd_layout_same_shape_and_strides(const cd_layout *a, const cd_layout *b)
{
    return cd_same_sizes(&a->shape, &b->shape) &&
           memcmp(a->stride, b->stride, (size_t)a->shape.ndim * sizeof *a->stride) == 0;
}

/* Whether the elements of a row lie next to each other and rows do not overlap. The strides of
 * sizes of 1 do not matter. */
static bool is_row_major(int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride,
                         int64_t *leading)
{
    int64_t min_leading = columns > 1 ? columns : 1;
    *leading = rows > 1 ? row_stride : min_leading;
    return (columns <= 1 || column_stride == 1) && *leading >= min_leading;
}

bool cd_layout_matrix_form(const cd_layout *layout, int64_t *leading, bool *transposed)
{
    const int64_t *size = &layout->shape.dim[layout->shape.ndim - 2];
    const int64_t *stride = &layout->stride[layout->shape.ndim - 2];
    *transposed = false;
    if (is_row_major(size[0], size[1], stride[0], stride[1], leading)) return true;
    *transposed = true;
    return is_row_major(size[1], size[0], stride[1], stride[0], leading);
}
