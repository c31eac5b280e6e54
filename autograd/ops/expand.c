/* expand: a view of x in which sizes of 1 are stretched, by a stride of 0, and with new dimensions
 * in front. A size of -1 keeps the size of x.
 *
 * Saves nothing. The engine sums the gradient over what was stretched. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"

static bool check_ndim(const cd_call *call, const cd_tensor *x, cd_shape shape)
{
    char text[CD_SHAPE_TEXT];
    if (shape.ndim >= x->shape.ndim && shape.ndim <= CD_MAX_DIMS) return true;
    return cd_refuse(call, CD_ERR_SHAPE,
                     "%d sizes were given for a tensor of shape %s: there must be at "
                     "least its %d and at most %d",
                     shape.ndim, cd_sizes_text(&x->shape, text), x->shape.ndim, CD_MAX_DIMS);
}

/* Stretches dimension `own` of x to *size, and sets its stride; own < 0 is a new dimension in
 * front. A *size of -1 becomes the size of x. */
static bool stretch(const cd_call *call, const cd_tensor *x, int own, int64_t *size,
                    int64_t *stride)
{
    int64_t from = own < 0 ? 1 : x->shape.dim[own];
    if (*size == -1 && own >= 0) *size = from;
    *stride = from == *size && own >= 0 ? x->stride[own] : 0;
    if (*size == from || (from == 1 && *size >= 0)) return true;
    char text[CD_SHAPE_TEXT];
    if (own < 0) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "size %lld of a new dimension in front of %s: it must be 0 or more",
                         (long long)*size, cd_sizes_text(&x->shape, text));
    }
    return cd_refuse(call, CD_ERR_SHAPE,
                     "size %lld of dimension %d of a tensor of shape %s cannot become %lld: only "
                     "sizes of 1 stretch (-1 keeps a size)",
                     (long long)from, own, cd_sizes_text(&x->shape, text), (long long)*size);
}

static bool expand_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    int64_t elements;
    cd_shape_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    cd_result *y = &call->out[0];
    if (!check_ndim(call, x, a->shape)) return false;
    for (int i = 0; i < a->shape.ndim; i++) {
        int own = i - (a->shape.ndim - x->shape.ndim);
        if (!stretch(call, x, own, &a->shape.dim[i], &y->stride[i])) return false;
    }
    if (!cd_shape_elements(a->shape, &elements)) {
        return cd_refuse(call, CD_ERR_SHAPE, "shape %s has more elements than can be counted",
                         cd_sizes_text(&a->shape, text));
    }
    y->dtype = x->dtype;
    y->shape = a->shape;
    y->offset = x->offset;
    return true;
}

cd_tensor *cd_expand(cd_tensor *x, cd_shape shape)
{
    cd_shape_attributes a = { shape };
    return cd_op_with(&cd_op_expand, &a, x);
}

const cd_op cd_op_expand = {
    .name = "expand",
    .grad_fn = "ExpandBackward0",
    .like = "x.expand(shape)",
    .formula = "y = x with sizes of 1 stretched; a view",
    .gradient = "dx = dy summed over what was stretched",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_shape_attributes, cd_shape_fields),
    .infer = expand_infer,
    .backward = cd_same_backward,
};
