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
