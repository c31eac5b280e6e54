/* autograd/ops/as_strided.c
 *
 *   y[i, j, ...] = storage of x[offset + i stride[0] + j stride[1] + ...]
 *   dx = sum of dy over the places in storage that x and y share
 *
 * A view, wherever in x's storage x itself lies. An element of the storage that x shows in several
 * places gives each an even share of its gradient. Keeps the layouts of x and y. */
#include "autograd/ops_internal.h"

/* How often x shows each of the n places from its first on, and 1 where it does not. */
static cd_tensor *shares(const cd_places *x, int64_t n, cd_dtype dtype)
{
    cd_tensor *one = cd_ones(x->shape, .dtype = dtype);
    return cd_clamp_min(cd_as_strided_backward(one, n, x), 1);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_places at[2];
    if (!cd_saved_layouts(node, 0, at, 2)) return;
    cd_places *x = &at[0], *y = &at[1];
    int64_t first = x->offset < y->offset ? x->offset : y->offset;
    x->offset -= first;
    y->offset -= first;
    int64_t end_x = cd_layout_end(x), end_y = cd_layout_end(y);
    int64_t n = end_x > end_y ? end_x : end_y;
    cd_tensor *places = cd_as_strided_backward(dy[0], n, y);
    if (cd_strides_overlap(x->shape, x->stride)) {
        places = cd_div(places, shares(x, n, dy[0]->dtype));
    }
    cd_shape stride = { .ndim = x->shape.ndim };
    for (int i = 0; i < stride.ndim; i++) stride.dim[i] = x->stride[i];
    dx[0] = cd_as_strided(places, x->shape, stride, x->offset);
}

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

static bool check(cd_old_call *call, const cd_tensor *x, cd_shape shape, cd_shape *stride,
                  int64_t *offset)
{
    char text[CD_SHAPE_TEXT], steps[CD_SHAPE_TEXT];
    int64_t elements;
    if (shape.ndim != stride->ndim || !cd_shape_elements(shape, &elements)) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "%d sizes and %d strides were given: there must be as many, 0 to %d, and "
                          "no size below 0 nor more elements than can be counted",
                          shape.ndim, stride->ndim, CD_MAX_DIMS);
    }
    for (int i = 0; i < stride->ndim; i++) {
        if (stride->dim[i] >= 0) continue;
        return cd_op_fail(call, CD_ERR_ARGUMENT, "stride %lld of dimension %d is negative",
                          (long long)stride->dim[i], i);
    }
    int64_t room = (int64_t)(x->storage->bytes / cd_dtype_size(x->dtype));
    if (*offset >= 0 && inside(shape, stride->dim, elements, *offset, room)) {
        if (elements == 0) *offset = x->offset; /* it leads nowhere either */
        return true;
    }
    return cd_op_fail(call, CD_ERR_ARGUMENT,
                      "shape %s with strides %s from element %lld on does not lie within the "
                      "%lld elements of the storage",
                      cd_shape_text(shape, text), cd_shape_text(*stride, steps), (long long)*offset,
                      (long long)room);
}

cd_tensor *cd_as_strided(cd_tensor *x, cd_shape shape, cd_shape stride, int64_t offset)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_as_strided, x)) return NULL;
    if (!check(&call, x, shape, &stride, &offset)) return cd_op_end(&call);
    const cd_tensor *y = cd_op_output_view(&call, x, shape, stride.dim, offset);
    if (y) cd_op_save_layouts(&call, (const cd_places[2]){ cd_layout_of(x), cd_layout_of(y) }, 2);
    return cd_op_end(&call);
}

const cd_op cd_op_as_strided = {
    .name = "as_strided",
    .grad_fn = "AsStridedBackward0",
    .like = "torch.as_strided(x, size, stride, storage_offset)",
    .formula = "y = the elements of x's storage at these steps; a view",
    .gradient = "dx = sum of dy over the places that both show",
    .dtypes = "all",
    .backward = backward,
};
