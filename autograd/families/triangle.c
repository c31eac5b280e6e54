/* What tril and triu share. */
#include "autograd/families/triangle_internal.h"

#include "core/cpu/elementwise_internal.h"

const cd_field cd_triangle_fields[] = { CD_FIELD(cd_triangle_attributes, diagonal, INTEGER),
                                        CD_FIELDS_END };

bool cd_infer_triangle(cd_call *call)
{
    const cd_tensor *x = call->in[0].tensor;
    char text[CD_SHAPE_TEXT];
    if (x->shape.ndim < 2) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x has shape %s, and must have at least 2 dimensions: matrices",
                         cd_sizes_text(&x->shape, text));
    }
    return cd_infer_same(call);
}

static int64_t clip(int64_t column, int64_t columns)
{
    return column < 0 ? 0 : column > columns ? columns : column;
}

/* Sets columns from..to - 1 of row i to 0, in all matrices. */
static void clear(const cd_array *y, int64_t i, int64_t from, int64_t to)
{
    const int64_t zero = 0; /* has the bits of 0 in every dtype */
    const int row = y->layout->shape.ndim - 2, column = row + 1;
    cd_layout part = *y->layout;
    if (from >= to) return;
    part.numel = part.numel / part.shape.dim[row] / part.shape.dim[column] * (to - from);
    part.shape.dim[row] = 1;
    part.shape.dim[column] = to - from;
    part.contiguous = false;
    const int64_t first = i * part.stride[row] + from * part.stride[column];
    const cd_array out = { (char *)y->data + first * (int64_t)cd_dtype_size(part.dtype), &part };
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_fill, part.dtype), &out, 0, NULL, &zero);
}

void cd_run_triangle(const cd_launch *launch, bool upper)
{
    const cd_triangle_attributes *a = launch->attributes;
    const cd_array *y = &launch->out[0];
    (void)cd_cpu_start_from(y, &launch->in[0]);
    if (y->layout->numel == 0) return;
    const int64_t rows = y->layout->shape.dim[y->layout->shape.ndim - 2];
    const int64_t columns = y->layout->shape.dim[y->layout->shape.ndim - 1];
    /* A diagonal beyond the matrix is as good as one just outside of it. */
    int64_t diagonal = a->diagonal < -rows - 1 ? -rows - 1 : a->diagonal;
    if (diagonal > columns + 1) diagonal = columns + 1;
    for (int64_t i = 0; i < rows; i++) {
        if (upper) {
            clear(y, i, 0, clip(i + diagonal, columns));
        } else {
            clear(y, i, clip(i + diagonal + 1, columns), columns);
        }
    }
}
