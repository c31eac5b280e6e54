/* renorm: each part of x at an index of a dimension whose p-norm is above maxnorm is scaled down to
 * it. Made of other ops: norm, mul by a factor, and where. As in PyTorch 1e-7 is added to the norm
 * that is divided by, and a norm that is NaN changes nothing. */
#include "autograd/distance_ops.h"
#include "autograd/ops_internal.h"

static bool check(const cd_tensor *x, double p, int *dim, double maxnorm)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, "renorm", "x")) return false;
    if (!cd_dtype_is_floating(x->dtype)) {
        return cd_fail(CD_ERR_DTYPE, "renorm: x is %s, and must be floating",
                       cd_dtype_name(x->dtype));
    }
    if (!(p > 0)) return cd_fail(CD_ERR_ARGUMENT, "renorm: p is %g, and must be above 0", p);
    if (!(maxnorm >= 0)) {
        return cd_fail(CD_ERR_ARGUMENT, "renorm: maxnorm is %g, and must be 0 or more", maxnorm);
    }
    if (x->shape.ndim < 2) {
        return cd_fail(CD_ERR_SHAPE, "renorm: x (%s) must have 2 dimensions or more",
                       cd_sizes_text(&x->shape, text));
    }
    return cd_wrap_dim("renorm", x->shape.ndim, *dim, dim);
}

/* Only the parts that are scaled go through the second norm and the factor, so that the gradient of
 * the others is dy, even where their norm is NaN. Over nothing a norm is 0, also for p = inf. */
static cd_tensor *renorm(cd_tensor *x, double p, int dim, double maxnorm)
{
    cd_dims others = { .count = 0 };
    if (x->numel == 0) return cd_clone(x);
    for (int i = 0; i < x->shape.ndim; i++) {
        if (i != dim) others.dim[others.count++] = i;
    }
    cd_tensor *all_norms = cd_norm(cd_detach(x), .p = p, .dims = others, .keepdim = true);
    cd_tensor *above = cd_gt(all_norms, maxnorm), *large = cd_where(above, x, 0);
    cd_tensor *norm = cd_norm(large, .p = p, .dims = others, .keepdim = true);
    return cd_where(above, cd_mul(large, cd_div(maxnorm, cd_add(norm, 1e-7))), x);
}

cd_tensor *cd_renorm(cd_tensor *x, double p, int dim, double maxnorm)
{
    if (!check(x, p, &dim, maxnorm)) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, renorm(x, p, dim, maxnorm));
}

/* The gradient needs x as it was, so it is that of a copy. */
cd_tensor *cd_renorm_(cd_tensor *x, double p, int dim, double maxnorm)
{
    if (!check(x, p, &dim, maxnorm)) return NULL;
    CD_SCOPE();
    cd_tensor *before = cd_clone(x);
    return before ? cd_copy_(x, renorm(before, p, dim, maxnorm)) : NULL;
}

const cd_op cd_op_renorm = {
    .name = "renorm",
    .like = "torch.renorm(x, p, dim, maxnorm)",
    .formula = "y = x maxnorm / (|x|_p + 1e-7) where |x|_p > maxnorm, else x",
    .gradient = "that of norm, div, mul and where",
    .dtypes = "floating",
    .composed = true,
};
