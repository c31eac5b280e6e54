/* vander: the powers of the elements of a vector, as rows. Made of other ops: ones, and the running
 * products of columns of x, turned round unless .increasing. */
#include "autograd/ops_internal.h"

static cd_tensor *vander_of(const cd_vander_options *o, int64_t n)
{
    const cd_tensor *x = o->x;
    const cd_dtype dtype = cd_dtype_is_floating(x->dtype) ? x->dtype : CD_I64;
    const cd_shape ones_shape = { .ndim = 2, .dim = { x->numel, n > 0 } };
    cd_tensor *ones = cd_ones(ones_shape, .dtype = dtype, .device = cd_tensor_device(x));
    if (n < 2) return ones;
    cd_tensor *columns = cd_expand(cd_unsqueeze(o->x, 1), CD_SHAPE(x->numel, n - 1));
    cd_tensor *y = cd_cat(CD_TENSORS(ones, cd_cumprod(columns, 1)), 1);
    return o->increasing ? y : cd_flip(y, CD_SHAPE(1));
}

cd_tensor *cd_vander_with(cd_vander_options options)
{
    char text[CD_SHAPE_TEXT];
    const cd_tensor *x = options.x;
    if (!cd_check_tensor(x, "vander", "x")) return NULL;
    if (x->shape.ndim != 1) {
        (void)cd_fail(CD_ERR_SHAPE, "vander: x has shape %s, and must be a vector",
                      cd_sizes_text(&x->shape, text));
        return NULL;
    }
    const double n = cd_option_or(options.n, (double)x->numel);
    if (!(n >= 0 && n < 0x1p53) || n != floor(n)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "vander: .n is %g: a whole number, 0 or more", n);
        return NULL;
    }
    const cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, vander_of(&options, (int64_t)n));
}

const cd_op cd_op_vander = {
    .name = "vander",
    .like = "torch.vander(x, N, increasing)",
    .formula = "y[i, j] = x[i]^(n - 1 - j), or x[i]^j",
    .gradient = "that of cumprod",
    .dtypes = "all; integers and bool become int64",
    .composed = true,
};
