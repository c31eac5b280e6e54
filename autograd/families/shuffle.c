/* What pixel_shuffle, pixel_unshuffle and channel_shuffle share. */
#include "autograd/families/shuffle_internal.h"

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

void cd_run_shuffle(const cd_launch *launch, cd_shape shape, const int64_t *stride)
{
    const cd_dtype dtype = launch->in[0].layout->dtype;
    const cd_layout to = cd_layout_row_major(dtype, shape);
    cd_layout from = to;
    from.contiguous = false;
    for (int i = 0; i < shape.ndim; i++) from.stride[i] = stride[i];
    const cd_array x = { launch->in[0].data, &from }, y = { launch->out[0].data, &to };
    cd_cpu_convert(&y, &x);
}

int64_t cd_shuffle_span(const cd_shape *shape, int from, int to)
{
    int64_t product = 1;
    for (int i = from; i < to; i++) product *= shape->dim[i];
    return product;
}
