/* outer: the products of all pairs of elements of two vectors. Made of other ops. */
#include "autograd/ops_internal.h"

static bool check_vector(const cd_tensor *x, const char *name)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, "outer", name)) return false;
    return x->shape.ndim == 1 ||
           cd_fail(CD_ERR_SHAPE, "outer: %s has shape %s, and must be a vector", name,
                   cd_sizes_text(&x->shape, text));
}

cd_tensor *cd_outer(cd_tensor *a, cd_tensor *b)
{
    if (!check_vector(a, "a") || !check_vector(b, "b")) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_mul(cd_reshape(a, CD_SHAPE(a->numel, 1)), b));
}

const cd_op cd_op_outer = {
    .name = "outer",
    .like = "torch.outer(a, b)",
    .formula = "y[i, j] = a[i] b[j]",
    .gradient = "that of mul",
    .dtypes = "all, promoted to one",
    .composed = true,
};
