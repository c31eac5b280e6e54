/* Where elements lie: parts of outputs, and matrices as the product of matrices takes them. */
#include "autograd/ops_internal.h"

#include <string.h>

void cd_copy_into(cd_tensor *to, const int64_t *stride, int64_t offset, const cd_tensor *from)
{
    cd_tensor part = { .storage = to->storage,
                       .offset = to->offset + offset,
                       .numel = from->numel,
                       .dtype = to->dtype,
                       .shape = from->shape };
    memcpy(part.stride, stride, (size_t)from->shape.ndim * sizeof *stride);
    if (from->numel > 0) cd_tensor_copy(&part, from);
}

bool cd_check_tensors(const char *what, cd_tensors tensors)
{
    if (!tensors.tensor) return cd_fail(CD_ERR_ARGUMENT, "%s: the array is NULL", what);
    return tensors.count > 0 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: there must be at least one tensor", what);
}

cd_dtype cd_tensors_type(cd_tensors tensors)
{
    cd_dtype dtype = CD_DTYPE_DEFAULT;
    for (int k = 0; k < tensors.count; k++) {
        dtype = cd_promote_types(dtype, tensors.tensor[k]->dtype);
    }
    return dtype;
}

cd_places cd_layout_of(const cd_tensor *t)
{
    cd_places layout = { .shape = t->shape, .offset = t->offset };
    memcpy(layout.stride, t->stride, (size_t)t->shape.ndim * sizeof *t->stride);
    return layout;
}

int64_t cd_layout_end(const cd_places *layout)
{
    int64_t last = layout->offset;
    for (int i = 0; i < layout->shape.ndim; i++) {
        if (layout->shape.dim[i] == 0) return layout->offset;
        last += (layout->shape.dim[i] - 1) * layout->stride[i];
    }
    return last + 1;
}

cd_tensor *cd_layouts_new(const char *what, const cd_places *layout, int count)
{
    size_t bytes = (size_t)count * sizeof *layout;
    cd_tensor *t = cd_tensor_new(what, CD_U8, CD_SHAPE((int64_t)bytes));
    if (t) memcpy(cd_tensor_data(t), layout, bytes);
    return t;
}

void cd_op_save_layouts(cd_old_call *call, const cd_places *layout, int count)
{
    if (!call->record || call->failed) return;
    size_t bytes = (size_t)count * sizeof *layout;
    cd_tensor *t = cd_op_temporary(call, CD_U8, CD_SHAPE((int64_t)bytes));
    if (!t) return;
    memcpy(cd_tensor_data(t), layout, bytes);
    cd_op_save(call, t);
    call->keeps = true;
}

bool cd_saved_layouts(cd_node *node, int k, cd_places *layout, int count)
{
    const cd_tensor *t = cd_saved_value(node, k);
    if (t) memcpy(layout, cd_tensor_data(t), (size_t)count * sizeof *layout);
    return t != NULL;
}

bool cd_op_fits(cd_old_call *call, const cd_tensor *dy, cd_shape right)
{
    char own[CD_SHAPE_TEXT], text[CD_SHAPE_TEXT];
    if (cd_shape_equal(dy->shape, right)) return true;
    return cd_op_fail(call, CD_ERR_SHAPE, "the gradient has shape %s, and must be %s",
                      cd_shape_text(dy->shape, own), cd_shape_text(right, text));
}

/* Rows of one memory run each, apart or one after the other: gemm's condition. */
static bool is_row_major(int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride,
                         int64_t *leading)
{
    int64_t least = columns > 1 ? columns : 1;
    *leading = rows > 1 ? row_stride : least;
    return (columns <= 1 || column_stride == 1) && *leading >= least;
}

bool cd_op_matrix(cd_old_call *call, cd_tensor *t, cd_matrix *out)
{
    if (call->failed) return false;
    for (;;) {
        int n = t->shape.ndim;
        const int64_t *size = &t->shape.dim[n - 2], *stride = &t->stride[n - 2];
        bool rows = is_row_major(size[0], size[1], stride[0], stride[1], &out->leading);
        out->transposed =
            !rows && is_row_major(size[1], size[0], stride[1], stride[0], &out->leading);
        if (rows || out->transposed) break;
        t = cd_op_copy(call, t, t->dtype); /* contiguous, so this happens once */
        if (!t) return false;
    }
    out->data = cd_tensor_data(t);
    out->batch_bytes = t->shape.ndim > 2 ? t->stride[0] * (int64_t)cd_dtype_size(t->dtype) : 0;
    return true;
}

bool cd_op_column(cd_old_call *call, cd_tensor *t, cd_matrix *out)
{
    if (!call->failed && t->numel > 1 && t->stride[0] < 1) t = cd_op_copy(call, t, t->dtype);
    if (call->failed) return false;
    *out = (cd_matrix){ .data = cd_tensor_data(t), .leading = t->numel > 1 ? t->stride[0] : 1 };
    return true;
}

bool cd_by_columns(const cd_tensor *t)
{
    return !t->contiguous && t->stride[0] == 1 && t->stride[1] == t->shape.dim[0];
}

bool cd_check_product(const char *what, const cd_tensor *a, const cd_tensor *b)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    int n = a->shape.ndim, m = b->shape.ndim;
    int64_t inner_a = a->shape.dim[n - 1], inner_b = b->shape.dim[m > 1 ? m - 2 : 0];
    if (inner_a != inner_b) {
        const char *name_a = n > 1 ? "columns" : "elements", *name_b = m > 1 ? "rows" : "elements";
        return cd_fail(CD_ERR_SHAPE,
                       "%s: mat1 (%s) and mat2 (%s) cannot be multiplied: %s of mat1 (%lld) must "
                       "equal %s of mat2 (%lld)",
                       what, cd_shape_text(a->shape, one), cd_shape_text(b->shape, two), name_a,
                       (long long)inner_a, name_b, (long long)inner_b);
    }
    if (a->dtype != b->dtype) {
        return cd_fail(CD_ERR_DTYPE,
                       "%s: mat1 is %s and mat2 is %s: both must have one dtype (cd_to converts)",
                       what, cd_dtype_name(a->dtype), cd_dtype_name(b->dtype));
    }
    if (a->dtype == CD_BOOL) {
        return cd_fail(CD_ERR_DTYPE, "%s: is not defined for bool: convert with cd_to", what);
    }
    return true;
}
