/* autograd/ops/slice_backward.c
 *
 *   dx = 0, with dy in the places that a slice looked at          ddy = slice of ddx
 *
 * Keeps dim, from, to, step in i[0..3], as slice does. */
#include <string.h>

#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int64_t *i = node->parameters.i;
    dx[0] = cd_slice(dy[0], (int)i[0], i[1], i[2], i[3]);
}

cd_tensor *cd_slice_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t from, int64_t to,
                             int64_t step)
{
    cd_call call;
    if (!cd_op_begin(&call, &cd_op_slice_backward, dy)) return NULL;
    cd_shape part = shape;
    part.dim[dim] = (to - from) / step + ((to - from) % step > 0);
    if (!cd_op_fits(&call, dy, part)) return NULL;
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (dx) {
        memset(cd_tensor_data(dx), 0, dx->storage->bytes);
        int64_t stride[CD_MAX_DIMS];
        memcpy(stride, dx->stride, sizeof stride);
        if (dy->shape.dim[dim] > 1) stride[dim] *= step;
        if (dy->numel > 0) cd_copy_into(dx, stride, from * dx->stride[dim], dy);
    }
    const int64_t parameters[4] = { dim, from, to, step };
    for (int i = 0; i < 4; i++) call.parameters.i[i] = parameters[i];
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_shape shape = { .ndim = 2, .dim = { (int64_t)p[0], (int64_t)p[1] } };
    return cd_slice_backward(in[0], shape, (int)p[2], (int64_t)p[3], (int64_t)p[4], (int64_t)p[5]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 4, 3, 0, 1, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 4, 3, 0, 1, 4, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2)) }, { 2, 3, 1, 0, 3, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1)) }, { 1, 1, 0, 0, 1, 9 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 2, 3, 0, 1, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 4, 0, 0, 1, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 3, 3, 0, 0, 2, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 3)) }, { 3, 3, 0, 0, 3, 1 });
}

static void misuse(cd_samples *s)
{
    const cd_shape shape = CD_SHAPE(2, 3), huge = CD_SHAPE(INT64_MAX, 3);
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_slice_backward(NULL, shape, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_slice_backward(dy, huge, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 2x3", cd_slice_backward(dy, shape, 0, 0, 2, 1));
}

const cd_op cd_op_slice_backward = {
    .name = "slice_backward",
    .grad_fn = "SliceBackwardBackward0",
    .like = "torch.ops.aten.slice_backward",
    .formula = "dx = dy in its places, 0 elsewhere",
    .gradient = "ddy = slice of ddx",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
