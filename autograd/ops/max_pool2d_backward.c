/* autograd/ops/max_pool2d_backward.c
 *
 *   dx = 0, with dy added where the largest of max_pool2d were     ddy = ddx at these places
 *
 * Saves the places, int64 and shaped as dy: where in its plane each element goes. */
#include "autograd/ops_internal.h"
#include "core/cpu/pool_internal.h"

/* Height and width made one. */
static cd_tensor *in_rows(cd_tensor *x)
{
    return x ? cd_flatten(x, x->shape.ndim - 2, -1) : NULL;
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *places = cd_saved_value(node, 0);
    if (places) dx[0] = cd_view(cd_gather(in_rows(dy[0]), -1, in_rows(places)), places->shape);
}

static bool check(cd_call *call, const cd_tensor *dy, const cd_tensor *places, cd_pool2d *pool)
{
    if (places->dtype != CD_I64) {
        return cd_op_fail(call, CD_ERR_DTYPE, "the places are %s, and must be int64",
                          cd_dtype_name(places->dtype));
    }
    if (!cd_op_fits(call, dy, places->shape)) return false;
    const int64_t *place = (const int64_t *)(const void *)cd_tensor_data(places);
    int64_t area = pool->height * pool->width;
    for (int64_t i = 0; i < places->numel; i++) {
        if (place[i] >= 0 && place[i] < area) continue;
        return cd_op_fail(call, CD_ERR_ARGUMENT, "place %lld is outside a plane of %lld elements",
                          (long long)place[i], (long long)area);
    }
    return true;
}

cd_tensor *cd_max_pool2d_backward(cd_tensor *dy, cd_tensor *places, cd_shape shape)
{
    cd_call call;
    if (!cd_op_begin(&call, &cd_op_max_pool2d_backward, dy, places)) return NULL;
    cd_pool2d pool, out;
    if (!cd_op_planes(&call, dy, &out) || !cd_op_fits_planes(&call, dy, shape)) {
        return cd_op_end(&call);
    }
    cd_tensor *from = cd_op_contiguous(&call, dy), *at = cd_op_contiguous(&call, places);
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (dx && cd_op_planes(&call, dx, &pool) && check(&call, dy, at, &pool)) {
        pool.out_h = out.height;
        pool.out_w = out.width;
        cd_cpu_max_pool2d_backward(&pool, dx->dtype, cd_tensor_data(from),
                                   (const int64_t *)(const void *)cd_tensor_data(at),
                                   cd_tensor_data(dx));
    }
    cd_op_save(&call, places);
    return cd_op_end(&call);
}

enum { NDIM, SHAPE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_shape shape = { .ndim = (int)p[NDIM] };
    for (int i = 0; i < shape.ndim; i++) shape.dim[i] = (int64_t)p[SHAPE + i];
    return cd_max_pool2d_backward(in[0], in[1], shape);
}

static const int64_t some[] = { 0, 3, 3, 1, 2, 2, 0, 1, 3, 0, 2, 1 };

static void samples(cd_samples *s)
{
#define PLACES(...) cd_from_array(some, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 2, 2)), PLACES(1, 1, 2, 2) },
              { [NDIM] = 4, [SHAPE] = 1, 1, 2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 2, 2)), PLACES(2, 1, 2, 2) },
              { [NDIM] = 4, [SHAPE] = 2, 1, 4, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 2, 3)), PLACES(1, 2, 2, 3) },
              { [NDIM] = 4, [SHAPE] = 1, 2, 2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2, 1)), PLACES(3, 2, 1) },
              { [NDIM] = 3, [SHAPE] = 3, 5, 5 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1)), PLACES(1, 1, 1) },
              { [NDIM] = 3, [SHAPE] = 1, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1, 2, 2)), PLACES(0, 1, 2, 2) },
              { [NDIM] = 4, [SHAPE] = 0, 1, 4, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 1, 1)), PLACES(2, 2, 1, 1) },
              { [NDIM] = 4, [SHAPE] = 2, 2, 2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 3, 4)), PLACES(1, 1, 3, 4) },
              { [NDIM] = 4, [SHAPE] = 1, 1, 2, 2 });
}

static void misuse(cd_samples *s)
{
    const cd_shape shape = CD_SHAPE(1, 2, 2), small = CD_SHAPE(1, 3, 1);
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 2, 1)), *places = PLACES(1, 2, 1); /* 0 and 3 */
#undef PLACES
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 1 is NULL",
                    cd_max_pool2d_backward(NULL, places, shape));
    cd_expect_error(s, CD_ERR_ARGUMENT, "place 3 is outside a plane of 3 elements",
                    cd_max_pool2d_backward(dy, places, small));
    cd_expect_error(s, CD_ERR_ARGUMENT, "place -1 is outside a plane of 4 elements",
                    cd_max_pool2d_backward(dy, cd_sub(places, 1), shape));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 1x2x1",
                    cd_max_pool2d_backward(cd_zeros(CD_SHAPE(1, 1, 1)), places, shape));
    cd_expect_error(s, CD_ERR_SHAPE, "pooling 2x2x2",
                    cd_max_pool2d_backward(dy, places, CD_SHAPE(2, 2, 2)));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_max_pool2d_backward(dy, dy, shape));
}

const cd_op cd_op_max_pool2d_backward = {
    .name = "max_pool2d_backward",
    .grad_fn = "MaxPool2DWithIndicesBackwardBackward0",
    .like = "torch.ops.aten.max_pool2d_with_indices_backward",
    .formula = "dx = 0, with dy added where the largest were",
    .gradient = "ddy = ddx at these places",
    .dtypes = "floating",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
