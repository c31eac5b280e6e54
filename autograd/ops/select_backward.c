/* autograd/ops/select_backward.c
 *
 *   dx = 0, with dy at one index of dimension dim          ddy = ddx at that index
 *
 * Keeps dim and index in i[0..1], as select does. */
#include <string.h>

#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_select(dy[0], (int)node->parameters.i[0], node->parameters.i[1]);
}

cd_tensor *cd_select_backward(cd_tensor *dy, cd_shape shape, int dim, int64_t index)
{
    cd_call call;
    if (!cd_op_begin(&call, &cd_op_select_backward, dy)) return NULL;
    cd_shape part = { .ndim = 0 };
    for (int i = 0; i < shape.ndim; i++) {
        if (i != dim) part.dim[part.ndim++] = shape.dim[i];
    }
    if (!cd_op_fits(&call, dy, part)) return NULL;
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (dx) {
        memset(cd_tensor_data(dx), 0, dx->storage->bytes);
        int64_t stride[CD_MAX_DIMS];
        for (int i = 0, k = 0; i < shape.ndim; i++) {
            if (i != dim) stride[k++] = dx->stride[i];
        }
        cd_copy_into(dx, stride, index * dx->stride[dim], dy);
    }
    call.parameters.i[0] = dim;
    call.parameters.i[1] = index;
    return cd_op_end(&call);
}

enum { DIM, INDEX, NDIM, SHAPE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_shape shape = { .ndim = (int)p[NDIM] };
    for (int i = 0; i < shape.ndim; i++) shape.dim[i] = (int64_t)p[SHAPE + i];
    return cd_select_backward(in[0], shape, (int)p[DIM], (int64_t)p[INDEX]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) },
              { [DIM] = 0, [INDEX] = 1, [NDIM] = 2, [SHAPE] = 4, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) },
              { [DIM] = 1, [INDEX] = 3, [NDIM] = 2, [SHAPE] = 3, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [DIM] = 1, [INDEX] = 0, [NDIM] = 3, [SHAPE] = 2, 2, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [DIM] = 2, [INDEX] = 1, [NDIM] = 3, [SHAPE] = 2, 3, 2 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) },
              { [DIM] = 0, [INDEX] = 2, [NDIM] = 1, [SHAPE] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) },
              { [DIM] = 0, [INDEX] = 0, [NDIM] = 2, [SHAPE] = 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)) },
              { [DIM] = 0, [INDEX] = 1, [NDIM] = 2, [SHAPE] = 2, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2)) },
              { [DIM] = 0, [INDEX] = 3, [NDIM] = 3, [SHAPE] = 4, 2, 2 });
}

static void misuse(cd_samples *s)
{
    const cd_shape shape = CD_SHAPE(2, 3), huge = CD_SHAPE(INT64_MAX, 3);
    cd_tensor *dy = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_select_backward(NULL, shape, 0, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_select_backward(dy, huge, 0, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 2", cd_select_backward(dy, shape, 1, 0));
}

const cd_op cd_op_select_backward = {
    .name = "select_backward",
    .grad_fn = "SelectBackwardBackward0",
    .like = "torch.ops.aten.select_backward",
    .formula = "dx = dy at one index, 0 elsewhere",
    .gradient = "ddy = ddx at that index",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
