/* What ops that return views share: shapes and strides under which a view shows the elements of
 * x. */
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/memory_internal.h"

bool cd_infer_same(cd_call *call)
{
    call->out[0].dtype = call->in[0].tensor->dtype;
    call->out[0].shape = call->in[0].tensor->shape;
    return true;
}

cd_result *cd_infer_like(cd_call *call, const cd_tensor *x)
{
    cd_result *y = &call->out[0];
    y->dtype = x->dtype;
    y->shape = x->shape;
    y->offset = x->offset;
    memcpy(y->stride, x->stride, (size_t)x->shape.ndim * sizeof *x->stride);
    return y;
}

void cd_infer_exchange(cd_call *call, int a, int b)
{
    const cd_tensor *x = call->in[0].tensor;
    cd_result *y = cd_infer_like(call, x);
    if (x->shape.ndim == 0) return;
    y->shape.dim[a] = x->shape.dim[b];
    y->shape.dim[b] = x->shape.dim[a];
    y->stride[a] = x->stride[b];
    y->stride[b] = x->stride[a];
}

void cd_infer_without(cd_call *call, int dim)
{
    const cd_tensor *x = call->in[0].tensor;
    cd_result *y = cd_infer_like(call, x);
    const size_t after = (size_t)(--y->shape.ndim - dim) * sizeof *x->stride;
    memcpy(&y->shape.dim[dim], &x->shape.dim[dim + 1], after);
    memcpy(&y->stride[dim], &x->stride[dim + 1], after);
}

int64_t cd_slice_length(int64_t from, int64_t to, int64_t step)
{
    return (to - from) / step + ((to - from) % step > 0);
}

bool cd_infer_view_backward(cd_call *call, const cd_shape *view, const cd_shape *shape)
{
    const cd_tensor *dy = call->in[0].tensor;
    if (!cd_check_gradient_shape(call, dy, *view)) return false;
    call->out[0].dtype = dy->dtype;
    call->out[0].shape = *shape;
    return true;
}

/* --- another shape for the same elements ------------------------------------------------------ */

/* Checks the sizes, and finds their product without a -1, and which dimension has the -1. The
 * caller has set *product to 1 and *inferred to -1. */
static bool check_sizes(const char *what, const cd_shape *shape, int64_t *product, int *inferred)
{
    if (shape->ndim < 0 || shape->ndim > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE, "%s: a tensor has 0 to %d dimensions, not %d", what,
                       CD_MAX_DIMS, shape->ndim);
    }
    for (int i = 0; i < shape->ndim; i++) {
        int64_t size = shape->dim[i];
        if (size < -1 || (size == -1 && *inferred >= 0)) {
            return cd_fail(CD_ERR_SHAPE,
                           "%s: size %lld of dimension %d: sizes are 0 or more, and "
                           "only one may be -1",
                           what, (long long)size, i);
        }
        if (size == -1) {
            *inferred = i;
        } else if (!cd_checked_mul_i64(*product, size, product)) {
            char text[CD_SHAPE_TEXT];
            return cd_fail(CD_ERR_SHAPE, "%s: the shape %s has more elements than can be counted",
                           what, cd_sizes_text(shape, text));
        }
    }
    return true;
}

bool cd_infer_shape(const char *what, const cd_tensor *x, cd_shape *shape)
{
    int64_t product = 1;
    int inferred = -1;
    if (!check_sizes(what, shape, &product, &inferred)) return false;
    char given[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    if (inferred >= 0 && product == 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: the -1 in %s could be any size, since another size is 0",
                       what, cd_sizes_text(shape, given));
    }
    bool fits = inferred >= 0 ? x->numel % product == 0 : x->numel == product;
    if (!fits) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: the shape %s does not hold the %lld elements of a tensor "
                       "of shape %s",
                       what, cd_sizes_text(shape, given), (long long)x->numel,
                       cd_sizes_text(&x->shape, own));
    }
    if (inferred >= 0) shape->dim[inferred] = x->numel / product;
    return true;
}

/* Joins dimensions of x, from *own - 1 down, while together they are like one dimension with one
 * stride: that dimension's size and stride. *own is left at the first dimension that was not
 * joined. */
static void next_run(const cd_tensor *x, int *own, int64_t *size, int64_t *step)
{
    while (*own > 0 && x->shape.dim[*own - 1] == 1) --*own;
    *size = 1;
    if (*own == 0) return;
    --*own;
    *size = x->shape.dim[*own];
    *step = x->stride[*own];
    for (; *own > 0; --*own) {
        int64_t outer = x->shape.dim[*own - 1];
        if (outer != 1 && x->stride[*own - 1] != *size * *step) break;
        *size *= outer;
    }
}

bool cd_view_strides(const cd_tensor *x, const cd_shape *shape, int64_t *stride)
{
    int64_t elements;
    if (!cd_shape_count(shape, &elements)) return false;
    if (x->contiguous || x->numel == 0) {
        cd_contiguous_strides(*shape, stride);
        return true;
    }
    int own = x->shape.ndim;
    /* The joined dimension is split into dimensions of the new shape, from the last on: `left` is
     * the size that is not split yet. */
    int64_t left = 1, step = x->stride[own - 1];
    for (int i = shape->ndim; i-- > 0;) {
        int64_t size = shape->dim[i];
        if (size > 1 && left == 1) next_run(x, &own, &left, &step);
        if (left % size != 0) return false;
        stride[i] = step;
        left /= size;
        step *= size;
    }
    return true;
}

bool cd_infer_view(cd_call *call, const cd_shape *shape)
{
    char text[CD_SHAPE_TEXT];
    int64_t elements;
    const cd_tensor *x = call->in[0].tensor;
    cd_result *y = &call->out[0];
    if (!cd_shape_count(shape, &elements)) {
        return cd_refuse(call, CD_ERR_SHAPE, "shape %s has more elements than can be counted",
                         cd_sizes_text(shape, text));
    }
    y->dtype = x->dtype;
    y->offset = x->offset;
    y->shape = *shape;
    return cd_view_strides(x, shape, y->stride);
}
