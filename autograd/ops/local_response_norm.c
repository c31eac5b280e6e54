/* local_response_norm: x divided by a power of the mean of the squares of neighbouring channels,
 * where channels before the first and after the last are 0.
 *
 * Made of other ops, as in PyTorch, with the same node at the end: mul, pad, avg_pool2d, pow, div.
 * The dimensions after the channels are one for the pool. */
#include "autograd/ops_internal.h"

static bool check(const cd_local_response_norm_options *o)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(o->x, "local_response_norm", "x")) return false;
    if (o->x->shape.ndim < 3) {
        return cd_fail(CD_ERR_SHAPE, "local_response_norm: x (%s) must be N x C x ...",
                       cd_sizes_text(&o->x->shape, text));
    }
    if (!cd_dtype_is_floating(o->x->dtype) && o->x->dtype != CD_I64) {
        return cd_fail(CD_ERR_DTYPE,
                       "local_response_norm: is defined for floating dtypes and int64, not for %s",
                       cd_dtype_name(o->x->dtype));
    }
    return o->size >= 1 ||
           cd_fail(CD_ERR_ARGUMENT, "local_response_norm: size is %lld, and must be 1 or more",
                   (long long)o->size);
}

/* The mean of `size` channels around each, of which one more is before it where `size` is even. */
static cd_tensor *mean_of_channels(cd_tensor *squares, int64_t size)
{
    const cd_shape *shape = &squares->shape;
    int64_t rest = 1;
    for (int d = 2; d < shape->ndim; d++) rest *= shape->dim[d];
    cd_tensor *planes = cd_reshape(squares, CD_SHAPE(shape->dim[0], 1, shape->dim[1], rest));
    cd_tensor *padded = cd_pad(planes, CD_SIZES(0, 0, size / 2, (size - 1) / 2));
    cd_tensor *mean = cd_avg_pool2d(padded, size, .kernel_w = 1, .stride = 1);
    return cd_reshape(mean, *shape);
}

cd_tensor *cd_local_response_norm_with(cd_local_response_norm_options o)
{
    if (!check(&o)) return NULL;
    if (cd_numel(o.x) == 0) return cd_view(o.x, o.x->shape); /* PyTorch returns x itself */
    const double alpha = cd_option_or(o.alpha, 1e-4), k = cd_option_or(o.k, 1);
    const double beta = cd_option_or(o.beta, 0.75);
    cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    cd_tensor *squares = cd_mul(o.x, o.x);
    cd_tensor *mean = squares ? mean_of_channels(squares, o.size) : NULL;
    cd_tensor *power = cd_pow(cd_add(cd_mul(mean, alpha), k), beta);
    return cd_ops_end(scope, cd_div(o.x, power));
}

const cd_op cd_op_local_response_norm = {
    .name = "local_response_norm",
    .like = "torch.nn.functional.local_response_norm(x, size, alpha, beta, k)",
    .formula = "y[n,c] = x[n,c] / (k + alpha m[n,c])^beta, m the mean of x^2 over the channels "
               "c - floor(size / 2) to c + floor((size - 1) / 2)",
    .gradient = "that of the ops",
    .dtypes = "floating; int64 becomes float32",
    .composed = true,
};
