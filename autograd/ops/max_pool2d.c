/* autograd/ops/max_pool2d.c
 *
 *   y[c,i,j] = the largest of x[c, i stride - padding + p dilation, j stride - padding + q
 * dilation] dx = 0, with dy added where the largest were
 *
 * over p and q from 0 to kernel - 1, -inf beyond the image. x is N x C x H x W or C x H x W. The
 * second output are the places of the largest in their plane. Saves these. */
#include "autograd/ops_internal.h"
#include "core/cpu/pool_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_max_pool2d_backward(dy[0], cd_saved_value(node, 0), cd_input_shape(node, 0));
}

bool cd_op_planes(cd_old_call *call, const cd_tensor *x, cd_pool2d *pool)
{
    int n = x->shape.ndim;
    char text[CD_SHAPE_TEXT];
    if (n != 3 && n != 4) {
        return cd_op_fail(call, CD_ERR_SHAPE, "x (%s) must be N x C x H x W or C x H x W",
                          cd_shape_text(x->shape, text));
    }
    if (!cd_dtype_is_floating(x->dtype)) {
        return cd_op_fail(call, CD_ERR_DTYPE, "is defined for float32 and float64, not for %s",
                          cd_dtype_name(x->dtype));
    }
    pool->planes = x->shape.dim[0] * (n == 4 ? x->shape.dim[1] : 1);
    pool->height = x->shape.dim[n - 2];
    pool->width = x->shape.dim[n - 1];
    return true;
}

bool cd_op_fits_planes(cd_old_call *call, const cd_tensor *dy, cd_shape shape)
{
    bool fits = shape.ndim == dy->shape.ndim && shape.dim[shape.ndim - 2] > 0 &&
                shape.dim[shape.ndim - 1] > 0;
    for (int i = 0; i + 2 < shape.ndim && fits; i++) fits = shape.dim[i] == dy->shape.dim[i];
    char own[CD_SHAPE_TEXT], text[CD_SHAPE_TEXT];
    return fits ||
           cd_op_fail(call, CD_ERR_SHAPE, "a gradient of shape %s is not that of pooling %s",
                      cd_shape_text(dy->shape, own), cd_shape_text(shape, text));
}

static bool describe(cd_old_call *call, const cd_max_pool2d_options *o, cd_pool2d *pool)
{
    int64_t stride = o->stride ? o->stride : o->kernel, dilation = o->dilation ? o->dilation : 1;
    *pool = (cd_pool2d){ .kernel_h = o->kernel,
                         .kernel_w = o->kernel,
                         .stride_h = stride,
                         .stride_w = stride,
                         .padding_h = o->padding,
                         .padding_w = o->padding,
                         .dilation_h = dilation,
                         .dilation_w = dilation,
                         .ceil_mode = o->ceil_mode };
    if (!cd_op_planes(call, o->x, pool)) return false;
    const char *wrong = cd_pool2d_complete(pool);
    char text[CD_SHAPE_TEXT];
    return !wrong || cd_op_fail(call, CD_ERR_SHAPE,
                                "%s: x %s, kernel %lld, stride %lld, padding %lld, dilation %lld",
                                wrong, cd_shape_text(o->x->shape, text), (long long)o->kernel,
                                (long long)stride, (long long)o->padding, (long long)dilation);
}

cd_tensor *cd_max_pool2d_with(cd_max_pool2d_options o)
{
    cd_old_call call;
    cd_pool2d pool;
    if (!cd_op_begin(&call, &cd_op_max_pool2d, o.x)) return NULL;
    if (!describe(&call, &o, &pool)) return cd_op_end(&call);
    cd_shape shape = o.x->shape;
    shape.dim[shape.ndim - 2] = pool.out_h;
    shape.dim[shape.ndim - 1] = pool.out_w;
    cd_tensor *x = cd_op_contiguous(&call, o.x);
    cd_tensor *y = cd_op_output(&call, o.x->dtype, shape);
    bool remembers = call.record || o.indices; /* nobody else asks for the places */
    cd_tensor *places = remembers ? cd_op_output(&call, CD_I64, shape) : NULL;
    if (!call.failed) {
        cd_cpu_max_pool2d(&pool, y->dtype, cd_tensor_data(x), cd_tensor_data(y),
                          places ? (int64_t *)(void *)cd_tensor_data(places) : NULL);
    }
    if (places) cd_op_save_output(&call, 1);
    return cd_op_end_both(&call, o.indices);
}

const cd_op cd_op_max_pool2d = {
    .name = "max_pool2d",
    .grad_fn = "MaxPool2DWithIndicesBackward0",
    .like = "torch.nn.functional.max_pool2d(x, kernel, stride, padding, dilation, ceil_mode)",
    .formula = "y = the largest of each window of x",
    .gradient = "dx = dy where the largest was, 0 elsewhere",
    .dtypes = "floating",
    .backward = backward,
};
