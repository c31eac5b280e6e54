/* autograd/ops/slice.c
 *
 *   y = elements from, from + step, ... below `to` of dimension dim     dx = dy in their places of
 * 0
 *
 * A view. Both ends count from the back when negative and are clipped to the size, as in Python.
 * Keeps dim, from, to, step in i[0..3]. */
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int64_t *i = node->parameters->i;
    dx[0] = cd_slice_backward(dy[0], cd_input_shape(node, 0), (int)i[0], i[1], i[2], i[3]);
}

static int64_t clip(int64_t at, int64_t size)
{
    if (at < 0) at += size;
    return at < 0 ? 0 : at > size ? size : at;
}

bool cd_check_part(const char *what, const cd_tensor *x, int dim, int *plain)
{
    if (x->shape.ndim == 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: a scalar has no dimension to take a part of", what);
    }
    return cd_plain_dim(what, x->shape.ndim, dim, plain);
}

cd_tensor *cd_slice(cd_tensor *x, int dim, int64_t from, int64_t to, int64_t step)
{
    cd_old_call call;
    int plain = 0;
    if (!cd_op_begin(&call, &cd_op_slice, x) || !cd_check_part("slice", x, dim, &plain))
        return NULL;
    if (step < 1) {
        (void)cd_op_fail(&call, CD_ERR_ARGUMENT, "the step is %lld, and must be 1 or more",
                         (long long)step);
        return cd_op_end(&call);
    }
    cd_shape shape = x->shape;
    int64_t size = shape.dim[plain], stride[CD_MAX_DIMS];
    from = clip(from, size);
    to = clip(to, size);
    if (to < from) to = from;
    for (int i = 0; i < shape.ndim; i++) stride[i] = x->stride[i];
    shape.dim[plain] = (to - from) / step + ((to - from) % step > 0);
    /* one element has no neighbour, and the product of a huge step would not fit */
    if (shape.dim[plain] > 1) stride[plain] *= step;
    int64_t offset = x->offset + (shape.dim[plain] > 0 ? from * x->stride[plain] : 0);
    const int64_t parameters[4] = { plain, from, to, step };
    for (int i = 0; i < 4; i++) call.parameters.i[i] = parameters[i];
    (void)cd_op_output_view(&call, x, shape, stride, offset);
    return cd_op_end(&call);
}

const cd_op cd_op_slice = {
    .name = "slice",
    .grad_fn = "SliceBackward0",
    .like = "x[from:to:step]",
    .formula = "y = a part of one dimension; a view",
    .gradient = "dx = dy in its places, 0 elsewhere",
    .dtypes = "all",
    .backward = backward,
};
