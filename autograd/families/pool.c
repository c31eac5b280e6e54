/* What pools share. */
#include "autograd/families/pool_internal.h"

#include <math.h>

#include "core/text_internal.h"

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
    return cd_check_computes_in(call, x->dtype);
}

/* --- windows ---------------------------------------------------------------------------------- */

bool cd_pool_window_complete(const char *name, const cd_pool_window_options *o,
                             cd_pool2d_sizes *pool)
{
    if (o->padding_w != 0 && o->padding_w_is_zero) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .padding_w is %lld, and .padding_w_is_zero is true",
                       name, (long long)o->padding_w);
    }
    pool->kernel_h = o->kernel;
    pool->kernel_w = o->kernel_w ? o->kernel_w : o->kernel;
    pool->stride_h = o->stride ? o->stride : pool->kernel_h;
    pool->stride_w = o->stride_w ? o->stride_w : o->stride ? o->stride : pool->kernel_w;
    pool->padding_h = o->padding;
    pool->padding_w = o->padding_w || o->padding_w_is_zero ? o->padding_w : o->padding;
    pool->dilation_h = o->dilation ? o->dilation : 1;
    pool->dilation_w = o->dilation_w ? o->dilation_w : pool->dilation_h;
    pool->ceil_mode = o->ceil_mode;
    return true;
}

enum { PAIR_BYTES = 48 };

/* "2" for equal numbers, "2x3" for others. */
static const char *pair_text(int64_t h, int64_t w, char text[PAIR_BYTES])
{
    if (h == w) {
        (void)cd_format(text, PAIR_BYTES, "%lld", (long long)h);
    } else {
        (void)cd_format(text, PAIR_BYTES, "%lldx%lld", (long long)h, (long long)w);
    }
    return text;
}

bool cd_infer_pool2d(cd_call *call)
{
    char text[CD_SHAPE_TEXT], pairs[4][PAIR_BYTES];
    cd_pool2d_sizes *pool = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_planes(call, x)) return false;
    cd_pool_planes(x->shape, pool);
    const char *wrong = cd_pool2d_sizes_complete(pool);
    if (wrong) {
        return cd_refuse(
            call, CD_ERR_SHAPE, "%s: x %s, kernel %s, stride %s, padding %s, dilation %s", wrong,
            cd_sizes_text(&x->shape, text), pair_text(pool->kernel_h, pool->kernel_w, pairs[0]),
            pair_text(pool->stride_h, pool->stride_w, pairs[1]),
            pair_text(pool->padding_h, pool->padding_w, pairs[2]),
            pair_text(pool->dilation_h, pool->dilation_w, pairs[3]));
    }
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = cd_pool_resized(x->shape, pool->out_h, pool->out_w);
    return true;
}

bool cd_infer_adaptive_pool2d(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    cd_adaptive_pool2d_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_planes(call, x)) return false;
    cd_pool2d_sizes pool;
    cd_pool_planes(x->shape, &pool);
    if (a->size[0] == -1) a->size[0] = pool.height;
    if (a->size[1] == -1) a->size[1] = pool.width;
    if (a->size[0] < 0 || a->size[1] < 0) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the output's height (%lld) and width (%lld) must not be negative",
                         (long long)a->size[0], (long long)a->size[1]);
    }
    if (pool.height == 0 || pool.width == 0) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must have at least one row and one column",
                         cd_sizes_text(&x->shape, text));
    }
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = cd_pool_resized(x->shape, a->size[0], a->size[1]);
    return true;
}

/* --- one dimension ---------------------------------------------------------------------------- */

cd_tensor *cd_pool1d(const char *name, const cd_op *op, void *attributes, cd_tensor *x,
                     cd_tensor **indices)
{
    cd_call call;
    char text[CD_SHAPE_TEXT];
    cd_tensor *which = NULL;
    if (!cd_check_tensor(x, name, "x")) return NULL;
    if (x->shape.ndim != 2 && x->shape.ndim != 3) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: x (%s) must be N x C x L or C x L", name,
                      cd_sizes_text(&x->shape, text));
        return NULL;
    }
    const cd_operand planes = cd_operand_tensor(cd_unsqueeze(x, -2));
    if (!planes.tensor) return NULL;
    cd_call_begin(&call, op, &planes, 1);
    call.name = name;
    call.launch.attributes = attributes;
    if (indices) {
        call.asked |= CD_SET(1);
        call.others = &which;
    }
    cd_tensor *y = cd_call_run(&call);
    y = y ? cd_squeeze(y, -2) : NULL;
    if (y && indices) *indices = cd_squeeze(which, -2);
    return cd_ok() ? y : NULL;
}

bool cd_check_no_return_indices(const char *name, bool return_indices)
{
    return !return_indices ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .return_indices is for the module: here .indices says where to put them",
                   name);
}

/* --- unpooling -------------------------------------------------------------------------------- */

bool cd_unpooled_size(const char *name, int d, int64_t n, const int64_t window[3],
                      const int64_t *given, int64_t *size)
{
    const int64_t kernel = window[0], stride = window[1], padding = window[2];
    int64_t twice, whole;
    if (__builtin_mul_overflow(n - 1, stride, &whole) ||
        __builtin_mul_overflow(padding, 2, &twice) ||
        __builtin_add_overflow(whole, kernel, &whole) ||
        __builtin_sub_overflow(whole, twice, &whole)) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: the result would be too large: %lld elements, kernel %lld, stride "
                       "%lld, padding %lld",
                       name, (long long)n, (long long)kernel, (long long)stride,
                       (long long)padding);
    }
    *size = given ? *given : whole;
    if (given && fabs((double)*given - (double)whole) >= (double)stride) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: .output_size[%d] is %lld, and must be less than the stride, %lld, away "
                       "from %lld",
                       name, d, (long long)*given, (long long)stride, (long long)whole);
    }
    return *size >= 0 || cd_fail(CD_ERR_SHAPE, "%s: output_size[%d] is %lld, and must be 0 or more",
                                 name, d, (long long)*size);
}

cd_tensor *cd_max_unpool(const char *name, cd_tensor *x, cd_tensor *indices, int64_t height,
                         int64_t width)
{
    const cd_operand in[2] = { cd_operand_tensor(x), cd_operand_tensor(indices) };
    cd_adaptive_pool2d_attributes size = { { height, width } };
    cd_call call;
    cd_call_begin(&call, &cd_op_max_unpool2d, in, 2);
    call.name = name;
    call.launch.attributes = &size;
    return cd_call_run(&call);
}

/* Each plane as one dimension, into which the indices point. */
static cd_tensor *flatten_planes(cd_tensor *x)
{
    return x ? cd_flatten(x, x->shape.ndim - 2, -1) : NULL;
}

cd_tensor *cd_pool_pick(cd_tensor *x, cd_tensor *indices)
{
    if (!indices) return NULL;
    return cd_view(cd_gather(flatten_planes(x), -1, flatten_planes(indices)), indices->shape);
}

/* --- lp pools --------------------------------------------------------------------------------- */

bool cd_check_lp_pool(const char *name, const cd_lp_pool_options *o)
{
    if (!cd_check_tensor(o->x, name, "x")) return false;
    if (!cd_dtype_is_floating(o->x->dtype)) {
        return cd_fail(CD_ERR_DTYPE, "%s: is defined for float32 and float64, not for %s", name,
                       cd_dtype_name(o->x->dtype));
    }
    return (o->p != 0 && !isnan(o->p)) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: p is %g, and must be a number but 0", name, o->p);
}

cd_tensor *cd_lp_root(cd_tensor *average, double k, double p)
{
    cd_tensor *positive = cd_mul(cd_sign(average), cd_relu(cd_abs(average)));
    return cd_pow(cd_mul(positive, k), 1 / p);
}

cd_tensor *cd_lp_signed(cd_tensor *x, double p)
{
    return p > 0 ? x : cd_neg(x);
}

/* --- gradients -------------------------------------------------------------------------------- */

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
