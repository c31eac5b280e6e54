/* autograd/ops/as_strided.c
 *
 *   y[i, j, ...] = storage of x[offset + i stride[0] + j stride[1] + ...]
 *   dx = sum of dy over the places in storage that x and y share
 *
 * A view, wherever in x's storage x itself lies. An element of the storage that x shows in several
 * places gives each an even share of its gradient. */
#include <string.h>

#include "autograd/ops_internal.h"

static const cd_field fields[] = {
    { "shape", CD_FIELD_SHAPE, offsetof(cd_as_strided_attributes, y.shape) },
    CD_FIELD(cd_as_strided_attributes, SHAPE, stride),
    { "offset", CD_FIELD_INTEGER, offsetof(cd_as_strided_attributes, y.offset) },
    CD_FIELDS_END
};

/* --- the gradient ----------------------------------------------------------------------------- */

cd_tensor *cd_as_layout(cd_tensor *x, const cd_layout *layout, int64_t offset)
{
    cd_shape stride = { .ndim = layout->shape.ndim };
    memcpy(stride.dim, layout->stride, sizeof stride.dim);
    return x ? cd_as_strided(x, layout->shape, stride, offset) : NULL;
}

/* How often x shows each of the n places from its first on, and 1 where it does not. */
static cd_tensor *shares(const cd_layout *x, int64_t n, const cd_tensor *dy)
{
    cd_tensor *one = cd_ones(x->shape, .dtype = dy->dtype, .device = cd_device_at(dy));
    return cd_clamp_min(cd_as_strided_backward(one, n, x), 1);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_as_strided_attributes *a = cd_attributes_of(node);
    cd_layout x = a->x, y = a->y;
    int64_t first = x.offset < y.offset ? x.offset : y.offset;
    x.offset -= first;
    y.offset -= first;
    int64_t end_x = cd_layout_end(&x), end_y = cd_layout_end(&y);
    int64_t n = end_x > end_y ? end_x : end_y;
    cd_tensor *places = cd_as_strided_backward(dy[0], n, &y);
    if (cd_strides_overlap(x.shape, x.stride)) {
        places = cd_div(places, shares(&x, n, dy[0]));
    }
    dx[0] = cd_as_layout(places, &x, x.offset);
}

/* --- the op ----------------------------------------------------------------------------------- */

/* Whether all elements of the shape lie among the first `room` of the storage. Strides that lead
 * nowhere, because there is one element or none, are cut to what can be reckoned with. */
static bool inside(cd_shape shape, int64_t *stride, int64_t elements, int64_t offset, int64_t room)
{
    if (elements > 0 && offset >= room) return false;
    int64_t left = room - offset - 1;
    for (int i = 0; i < shape.ndim; i++) {
        if (elements == 0 || shape.dim[i] == 1) {
            if (stride[i] > room) stride[i] = room;
            continue;
        }
        if (stride[i] > left / (shape.dim[i] - 1)) return false;
        left -= stride[i] * (shape.dim[i] - 1);
    }
    return true;
}

static bool check_sizes(const cd_call *call, const cd_as_strided_attributes *a, int64_t *elements)
{
    const cd_shape *shape = &a->y.shape, *stride = &a->stride;
    if (shape->ndim != stride->ndim || !cd_shape_elements(*shape, elements)) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "%d sizes and %d strides were given: there must be as many, 0 to %d, and "
                         "no size below 0 nor more elements than can be counted",
                         shape->ndim, stride->ndim, CD_MAX_DIMS);
    }
    for (int i = 0; i < stride->ndim; i++) {
        if (stride->dim[i] >= 0) continue;
        return cd_refuse(call, CD_ERR_ARGUMENT, "stride %lld of dimension %d is negative",
                         (long long)stride->dim[i], i);
    }
    return true;
}

static bool infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT], steps[CD_SHAPE_TEXT];
    cd_as_strided_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    cd_layout *y = &a->y;
    int64_t elements;
    if (!check_sizes(call, a, &elements)) return false;
    const int64_t room = (int64_t)(x->storage->bytes / cd_dtype_size(x->dtype));
    if (y->offset < 0 || !inside(y->shape, a->stride.dim, elements, y->offset, room)) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "shape %s with strides %s from element %lld on does not lie within the "
                         "%lld elements of the storage",
                         cd_sizes_text(&y->shape, text), cd_sizes_text(&a->stride, steps),
                         (long long)y->offset, (long long)room);
    }
    if (elements == 0) y->offset = x->offset; /* it leads nowhere either */
    a->x = x->layout;
    cd_result *out = &call->out[0];
    out->dtype = x->dtype;
    out->shape = y->shape;
    out->offset = y->offset;
    memcpy(y->stride, a->stride.dim, sizeof y->stride);
    memcpy(out->stride, a->stride.dim, sizeof out->stride);
    return true;
}

cd_tensor *cd_as_strided(cd_tensor *x, cd_shape shape, cd_shape stride, int64_t offset)
{
    cd_as_strided_attributes a = { .y = { .shape = shape, .offset = offset }, .stride = stride };
    return cd_op_with(&cd_op_as_strided, &a, x);
}

const cd_op cd_op_as_strided = {
    .name = "as_strided",
    .grad_fn = "AsStridedBackward0",
    .like = "torch.as_strided(x, size, stride, storage_offset)",
    .formula = "y = the elements of x's storage at these steps; a view",
    .gradient = "dx = sum of dy over the places that both show",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_as_strided_attributes, fields),
    .infer = infer,
    .backward = backward,
};
