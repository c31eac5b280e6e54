/* corrcoef: the covariances of the rows of a matrix, divided by their standard deviations. Made of
 * other ops. */
#include "autograd/ops_internal.h"

static cd_tensor *corrcoef_of(cd_tensor *x)
{
    cd_tensor *c = cd_cov(x);
    if (!c) return NULL;
    if (c->shape.ndim == 0) return cd_div(c, c);
    cd_tensor *deviation = cd_sqrt(cd_diag(c, 0));
    cd_tensor *y = cd_div(cd_div(c, cd_unsqueeze(deviation, 1)), deviation);
    return cd_clamp(y, -1, 1);
}

cd_tensor *cd_corrcoef(cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, "corrcoef", "x")) return NULL;
    if (x->shape.ndim > 2) {
        (void)cd_fail(CD_ERR_SHAPE, "corrcoef: x has shape %s, and must be a matrix or a vector",
                      cd_sizes_text(&x->shape, text));
        return NULL;
    }
    if (x->dtype == CD_BOOL) {
        (void)cd_fail(CD_ERR_DTYPE, "corrcoef: is not defined for bool");
        return NULL;
    }
    const cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, corrcoef_of(x));
}

const cd_op cd_op_corrcoef = {
    .name = "corrcoef",
    .like = "torch.corrcoef(x)",
    .formula = "y[i, j] = c[i, j] / sqrt(c[i, i] c[j, j]), where c = cov(x)",
    .gradient = "that of the ops it is made of",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
