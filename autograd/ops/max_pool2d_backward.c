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

static bool check(cd_old_call *call, const cd_tensor *dy, const cd_tensor *places, cd_pool2d *pool)
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
    cd_old_call call;
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

const cd_op cd_op_max_pool2d_backward = {
    .name = "max_pool2d_backward",
    .grad_fn = "MaxPool2DWithIndicesBackwardBackward0",
    .like = "torch.ops.aten.max_pool2d_with_indices_backward",
    .formula = "dx = 0, with dy added where the largest were",
    .gradient = "ddy = ddx at these places",
    .dtypes = "floating",
    .backward = backward,
};
