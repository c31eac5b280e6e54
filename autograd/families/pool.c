/* What pools share. */
#include "autograd/families/pool_internal.h"

void cd_pool_planes(cd_shape shape, cd_pool2d_sizes *pool)
{
    const int n = shape.ndim;
    pool->planes = shape.dim[0] * (n == 4 ? shape.dim[1] : 1);
    pool->height = shape.dim[n - 2];
    pool->width = shape.dim[n - 1];
}

cd_shape cd_pool_resized(cd_shape shape, int64_t height, int64_t width)
{
    shape.dim[shape.ndim - 2] = height;
    shape.dim[shape.ndim - 1] = width;
    return shape;
}

bool cd_check_planes(const cd_call *call, const cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    if (x->shape.ndim != 3 && x->shape.ndim != 4) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must be N x C x H x W or C x H x W",
                         cd_sizes_text(&x->shape, text));
    }
    return cd_dtype_is_floating(x->dtype) ||
           cd_refuse(call, CD_ERR_DTYPE, "is defined for float32 and float64, not for %s",
                     cd_dtype_name(x->dtype));
}

/* dy has as many planes as `shape`, which has pixels. */
static bool check_fits_planes(const cd_call *call, const cd_tensor *dy, cd_shape shape)
{
    bool fits = shape.ndim == dy->shape.ndim && shape.dim[shape.ndim - 2] > 0 &&
                shape.dim[shape.ndim - 1] > 0;
    for (int i = 0; i + 2 < shape.ndim && fits; i++) fits = shape.dim[i] == dy->shape.dim[i];
    char own[CD_SHAPE_TEXT], text[CD_SHAPE_TEXT];
    return fits || cd_refuse(call, CD_ERR_SHAPE, "a gradient of shape %s is not that of pooling %s",
                             cd_sizes_text(&dy->shape, own), cd_sizes_text(&shape, text));
}

bool cd_infer_pool_backward(cd_call *call)
{
    const cd_shape_attributes *a = call->launch.attributes;
    const cd_tensor *dy = call->in[0].tensor;
    if (!cd_check_planes(call, dy) || !check_fits_planes(call, dy, a->shape)) return false;
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = dy->dtype;
    call->out[0].shape = a->shape;
    return true;
}

cd_pool2d_sizes cd_pool_between(const cd_shape *x, const cd_shape *y)
{
    cd_pool2d_sizes pool = { .out_h = y->dim[y->ndim - 2], .out_w = y->dim[y->ndim - 1] };
    cd_pool_planes(*x, &pool);
    return pool;
}
