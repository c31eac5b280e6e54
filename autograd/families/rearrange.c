/* What ops share that show or copy the elements of x by other strides. */
#include "autograd/families/rearrange_internal.h"

#include <limits.h>

/* --- diagonals -------------------------------------------------------------------------------- */

void cd_diagonal_layout(cd_layout *x, const cd_diagonal_attributes *a)
{
    const int64_t rows = x->shape.dim[a->dim1], columns = x->shape.dim[a->dim2];
    const int64_t down = a->offset < 0 ? -a->offset : 0, right = a->offset > 0 ? a->offset : 0;
    int64_t length = rows - down < columns - right ? rows - down : columns - right;
    if (length < 0) length = 0;
    if (length > 0) x->offset += down * x->stride[a->dim1] + right * x->stride[a->dim2];
    const int64_t step = x->stride[a->dim1] + x->stride[a->dim2];
    int kept = 0;
    for (int i = 0; i < x->shape.ndim; i++) {
        if (i == a->dim1 || i == a->dim2) continue;
        x->shape.dim[kept] = x->shape.dim[i];
        x->stride[kept++] = x->stride[i];
    }
    x->shape.dim[kept] = length;
    x->stride[kept] = step;
    x->shape.ndim = kept + 1;
}

bool cd_check_diagonal(const char *what, int ndim, cd_diagonal_attributes *a)
{
    if (ndim < 2) {
        return cd_fail(CD_ERR_SHAPE, "%s: x has %d dimensions, and a diagonal has two", what, ndim);
    }
    if (!cd_wrap_dim(what, ndim, a->dim1, &a->dim1) ||
        !cd_wrap_dim(what, ndim, a->dim2, &a->dim2)) {
        return false;
    }
    if (a->offset == INT64_MIN) a->offset++; /* beyond any size too, and can be negated */
    return a->dim1 != a->dim2 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: dimension %d is given twice, and a diagonal has two", what,
                   a->dim1);
}

/* --- views ------------------------------------------------------------------------------------ */

void cd_infer_layout(cd_call *call, const cd_layout *layout)
{
    cd_result *y = cd_infer_like(call, call->in[0].tensor);
    y->shape = layout->shape;
    y->offset = layout->offset;
    for (int i = 0; i < layout->shape.ndim; i++) y->stride[i] = layout->stride[i];
}

cd_tensor *cd_layout_backward(cd_tensor *dy, cd_shape x, const cd_layout *layout)
{
    int64_t elements = 0;
    cd_layout at = *layout;
    if (!dy) return NULL;
    (void)cd_shape_elements(x, &elements);
    at.numel = dy->numel;
    return cd_reshape(cd_as_strided_backward(dy, elements, &at), x);
}

bool cd_copy_to_part(const char *what, cd_tensor *part, cd_tensor *src)
{
    char text[CD_SHAPE_TEXT], text_src[CD_SHAPE_TEXT];
    if (!part) return false;
    if (!cd_shape_equal(part->shape, src->shape)) {
        return cd_fail(CD_ERR_SHAPE, "%s: src has shape %s, and must have %s", what,
                       cd_sizes_text(&src->shape, text_src), cd_sizes_text(&part->shape, text));
    }
    return cd_copy_(part, src) != NULL;
}

void cd_reverse(cd_array *array, cd_layout *layout, int dim)
{
    const int64_t size = layout->shape.dim[dim];
    if (size == 0) return;
    array->data = (char *)array->data +
                  (size - 1) * layout->stride[dim] * (int64_t)cd_dtype_size(layout->dtype);
    layout->stride[dim] = -layout->stride[dim];
    layout->contiguous = false;
    array->layout = layout;
}

/* --- lists of dimensions ---------------------------------------------------------------------- */

bool cd_set_of_dims(const char *what, const cd_tensor *x, cd_shape dims, unsigned *set)
{
    *set = 0;
    if (dims.ndim < 0 || dims.ndim > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE, "%s: %d dimensions were given, and there are at most %d", what,
                       dims.ndim, CD_MAX_DIMS);
    }
    for (int i = 0; i < dims.ndim; i++) {
        int plain = 0;
        const int64_t given = dims.dim[i];
        const int asked = given < INT_MIN ? INT_MIN : given > INT_MAX ? INT_MAX : (int)given;
        if (!cd_wrap_dim(what, x->shape.ndim, asked, &plain)) return false;
        if (*set & (1U << plain)) {
            return cd_fail(CD_ERR_SHAPE, "%s: dimension %d is given twice", what, plain);
        }
        *set |= 1U << plain;
    }
    return true;
}
