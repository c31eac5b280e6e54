/* What pixel_shuffle, pixel_unshuffle and channel_shuffle share. */
#include "autograd/families/shuffle_internal.h"

#include <string.h>

#include "core/cpu/elementwise_internal.h"

const cd_field cd_shuffle_fields[] = { CD_FIELD(cd_shuffle_attributes, factor, INTEGER),
                                       CD_FIELDS_END };

cd_tensor *cd_shuffle(const cd_op *op, cd_tensor *x, int64_t factor)
{
    cd_shuffle_attributes a = { factor };
    return cd_op_with(op, &a, x);
}

bool cd_infer_shuffle(cd_call *call, const char *factor)
{
    char text[CD_SHAPE_TEXT];
    const cd_shuffle_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (x->shape.ndim < 3) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must have at least 3 dimensions",
                         cd_sizes_text(&x->shape, text));
    }
    if (a->factor < 1) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "%s is %lld, and must be 1 or more", factor,
                         (long long)a->factor);
    }
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

/* A copy's inner loop runs along the last dimension of y. Where that is short, as the columns of a
 * square of pixels are, each of its indices is a copy whose inner loop is the dimension before. */
void cd_run_shuffle(const cd_launch *launch, cd_shape shape, const int64_t *stride)
{
    enum { SHORT = 16 };
    const cd_dtype dtype = launch->in[0].layout->dtype;
    const int last = shape.ndim - 1;
    const cd_layout to = cd_layout_row_major(dtype, shape);
    cd_layout from = to;
    from.contiguous = false;
    memcpy(from.stride, stride, (size_t)shape.ndim * sizeof *stride);
    cd_array x = { launch->in[0].data, &from };
    const cd_array y = { launch->out[0].data, &to };
    if (shape.dim[last] >= SHORT || shape.dim[last] >= shape.dim[last - 1]) {
        cd_cpu_convert(&y, &x);
        return;
    }
    from.shape.ndim--;
    if (to.numel > 0) from.numel /= shape.dim[last];
    for (int64_t i = 0; i < shape.dim[last]; i++) {
        x.data = (char *)launch->in[0].data + (size_t)(i * stride[last]) * cd_dtype_size(dtype);
        cd_cpu_copy_into(&y, to.stride, i, &x);
    }
}

int64_t cd_shuffle_span(const cd_shape *shape, int from, int to)
{
    int64_t product = 1;
    for (int i = from; i < to; i++) product *= shape->dim[i];
    return product;
}
