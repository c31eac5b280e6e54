/* autograd/ops/as_strided.c
 *
 *   y[i, j, ...] = storage of x[offset + i stride[0] + j stride[1] + ...]
 *   dx = sum of dy over the places in storage that x and y share
 *
 * A view, wherever in x's storage x itself lies. An element of the storage that x shows in several
 * places gives each an even share of its gradient. Keeps the layouts of x and y. */
#include "autograd/ops_internal.h"

/* How often x shows each of the n places from its first on, and 1 where it does not. */
static cd_tensor *shares(const cd_layout *x, int64_t n, cd_dtype dtype)
{
    cd_tensor *one = cd_ones(x->shape, .dtype = dtype);
    return cd_clamp_min(cd_as_strided_backward(one, n, x), 1);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_layout at[2];
    if (!cd_saved_layouts(node, 0, at, 2)) return;
    cd_layout *x = &at[0], *y = &at[1];
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

static bool check(cd_call *call, const cd_tensor *x, cd_shape shape, cd_shape *stride,
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
    cd_call call;
    if (!cd_op_begin(&call, &cd_op_as_strided, x)) return NULL;
    if (!check(&call, x, shape, &stride, &offset)) return cd_op_end(&call);
    const cd_tensor *y = cd_op_output_view(&call, x, shape, stride.dim, offset);
    if (y) cd_op_save_layouts(&call, (const cd_layout[2]){ cd_layout_of(x), cd_layout_of(y) }, 2);
    return cd_op_end(&call);
}

/* In p. The input is made to begin its storage. */
enum { OFFSET, NDIM, SHAPE, STRIDE = SHAPE + 2 };

static cd_tensor *strided(cd_tensor *x, const double *p)
{
    cd_shape shape = { .ndim = (int)p[NDIM] }, stride = { .ndim = (int)p[NDIM] };
    for (int i = 0; i < shape.ndim; i++) {
        shape.dim[i] = (int64_t)p[SHAPE + i];
        stride.dim[i] = (int64_t)p[STRIDE + i];
    }
    return cd_as_strided(x, shape, stride, (int64_t)p[OFFSET]);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return strided(cd_clone(in[0]), p);
}

static cd_tensor *of_transposed(cd_tensor *const *in, const double *p)
{
    return strided(cd_t(cd_clone(in[0])), p);
}

static cd_tensor *of_slice(cd_tensor *const *in, const double *p)
{
    return strided(cd_slice(cd_clone(in[0]), 0, 1, 4, 2), p);
}

static cd_tensor *twice(cd_tensor *const *in, const double *p)
{
    return cd_as_strided(call(in, p), CD_SHAPE(2), CD_SHAPE(2), 1);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(6)) },
              { [OFFSET] = 1, [NDIM] = 2, [SHAPE] = 2, 2, [STRIDE] = 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [NDIM] = 2, [SHAPE] = 3, 2, [STRIDE] = 1, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4)) },
              { [OFFSET] = 2, [NDIM] = 1, [SHAPE] = 3, [STRIDE] = 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { [OFFSET] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2)) },
              { [OFFSET] = 1, [NDIM] = 2, [SHAPE] = 3, 2, [STRIDE] = 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4)) }, { [NDIM] = 2, [SHAPE] = 0, 3, [STRIDE] = 7, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { [NDIM] = 1, [SHAPE] = 1, [STRIDE] = 9 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { [NDIM] = 2, [SHAPE] = 4, 2, [STRIDE] = 1, 1 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(2, 3)) },
              { [OFFSET] = 1, [NDIM] = 2, [SHAPE] = 2, 2, [STRIDE] = 3, 1 });
    cd_sample(s, of_slice, { cd_randn(CD_SHAPE(5)) },
              { [OFFSET] = 1, [NDIM] = 2, [SHAPE] = 2, 2, [STRIDE] = 2, 0 });
    cd_sample(s, twice, { cd_randn(CD_SHAPE(6)) }, { [NDIM] = 2, [SHAPE] = 3, 2, [STRIDE] = 2, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    const int64_t huge = INT64_MAX;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_as_strided(NULL, CD_SHAPE(1), CD_SHAPE(1), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "6 elements",
                    cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(3), 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "6 elements",
                    cd_as_strided(x, CD_SHAPE(7), CD_SHAPE(1), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "element -1",
                    cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(1), -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "element 6", cd_as_strided(x, CD_SCALAR, CD_SCALAR, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "from element",
                    cd_as_strided(x, CD_SHAPE(1), CD_SHAPE(1), huge));
    cd_expect_error(s, CD_ERR_ARGUMENT, "negative", cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(-1), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "storage",
                    cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(huge), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "storage",
                    cd_as_strided(x, CD_SHAPE(3, 3), CD_SHAPE(huge / 2, huge / 2), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "strides", cd_as_strided(x, CD_SHAPE(2, 2), CD_SHAPE(1), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "counted",
                    cd_as_strided(x, CD_SHAPE(huge, 4), CD_SHAPE(0, 0), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "size below 0",
                    cd_as_strided(x, CD_SHAPE(-1), CD_SHAPE(1), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "0 to 8",
                    cd_as_strided(x, (cd_shape){ .ndim = 9 }, (cd_shape){ .ndim = 9 }, 0));
}

const cd_op cd_op_as_strided = {
    .name = "as_strided",
    .grad_fn = "AsStridedBackward0",
    .like = "torch.as_strided(x, size, stride, storage_offset)",
    .formula = "y = the elements of x's storage at these steps; a view",
    .gradient = "dx = sum of dy over the places that both show",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
