/* as_strided: a view of x's storage by any shape, strides and offset, counted from the beginning of
 * the storage, wherever x itself begins.
 *
 * Saves nothing but the layouts of x and y. The gradient is dy added up over the storage, and x's
 * view of that. If x itself shows an element of the storage several times, each of these has an
 * even share of its gradient. */
#include <string.h>

#include "autograd/ops_internal.h"

static const cd_field fields[] = {
    { "shape", CD_FIELD_SHAPE, offsetof(cd_as_strided_attributes, y.shape) },
    CD_FIELD(cd_as_strided_attributes, stride, SHAPE),
    { "offset", CD_FIELD_INTEGER, offsetof(cd_as_strided_attributes, y.offset) },
    CD_FIELDS_END
};

cd_tensor *cd_as_layout(cd_tensor *x, const cd_layout *layout, int64_t offset)
{
    cd_shape stride = { .ndim = layout->shape.ndim };
    memcpy(stride.dim, layout->stride, sizeof stride.dim);
    return x ? cd_as_strided(x, layout->shape, stride, offset) : NULL;
}

/* How often x shows each of n elements of the storage; 1 for those that it does not show. */
static cd_tensor *times_shown(const cd_layout *x, int64_t n, const cd_tensor *dy)
{
    cd_tensor *one = cd_ones(x->shape, .dtype = dy->dtype, .device = cd_tensor_device(dy));
    return cd_clamp_min(cd_as_strided_backward(one, n, x), 1);
}

static void as_strided_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_as_strided_attributes *a = cd_attributes_of(node);
    cd_layout x = a->x, y = a->y;
    /* The n elements of the storage that hold x and y. */
    int64_t first = x.offset < y.offset ? x.offset : y.offset;
    x.offset -= first;
    y.offset -= first;
    int64_t end_x = cd_layout_end(&x), end_y = cd_layout_end(&y);
    int64_t n = end_x > end_y ? end_x : end_y;
    cd_tensor *storage_grad = cd_as_strided_backward(dy[0], n, &y);
    if (cd_strides_overlap(x.shape, x.stride)) {
        storage_grad = cd_div(storage_grad, times_shown(&x, n, dy[0]));
    }
    dx[0] = cd_as_layout(storage_grad, &x, x.offset);
}

/* Whether a view of this shape, with `elements` elements, lies within a storage of `room` elements.
 * A stride that is never used, because its dimension has one element or the view has none, is
 * clipped, so that products with it cannot overflow. */
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

static bool as_strided_infer(cd_call *call)
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
    if (elements == 0) y->offset = x->offset; /* never used either */
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
    .formula = "y[i, j, ...] = storage of x[offset + i stride[0] + j stride[1] + ...]; a view",
    .gradient = "dx = sum of dy over the elements of y that show the same element of the storage",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_as_strided_attributes, fields),
    .infer = as_strided_infer,
    .backward = as_strided_backward,
};
