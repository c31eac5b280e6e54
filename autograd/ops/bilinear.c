/* bilinear: y[k] = sum of x1[i] weight[k, i, j] x2[j], for each row of x1 and x2, plus a bias. Made
 * of other ops: the products of x1 with each matrix of the weight, then with x2. */
#include "autograd/layer_ops.h"
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

static bool check_dtype(const char *name, const cd_tensor *t, const cd_tensor *x1)
{
    return t->dtype == x1->dtype ||
           cd_fail(CD_ERR_DTYPE, "bilinear: %s is %s, and x1 %s: all must have one dtype", name,
                   cd_dtype_name(t->dtype), cd_dtype_name(x1->dtype));
}

static bool check_tensors(cd_tensor *const *t, cd_tensor *bias)
{
    static const char *const names[] = { "x1", "x2", "weight", "bias" };
    for (int k = 0; k < (bias ? 4 : 3); k++) {
        const cd_tensor *x = k == 3 ? bias : t[k];
        if (!cd_check_tensor(x, "bilinear", names[k]) ||
            !cd_check_same_device("bilinear", "x1", t[0], names[k], x) ||
            !check_dtype(names[k], x, t[0])) {
            return false;
        }
    }
    return t[0]->dtype != CD_BOOL ||
           cd_fail(CD_ERR_DTYPE, "bilinear: is not defined for bool: convert with cd_to");
}

static bool check_shapes(const cd_shape *a, const cd_shape *b, const cd_shape *weight,
                         const cd_tensor *bias)
{
    char text[3][CD_SHAPE_TEXT];
    bool fits = a->ndim > 0 && a->ndim == b->ndim && weight->ndim == 3;
    for (int i = 0; fits && i < a->ndim - 1; i++) fits = a->dim[i] == b->dim[i];
    fits = fits && a->dim[a->ndim - 1] == weight->dim[1] && b->dim[b->ndim - 1] == weight->dim[2];
    if (!fits) {
        return cd_fail(CD_ERR_SHAPE,
                       "bilinear: x1 (%s), x2 (%s) and the weight (%s) do not fit: they must be "
                       "... x N, ... x M and K x N x M",
                       cd_sizes_text(a, text[0]), cd_sizes_text(b, text[1]),
                       cd_sizes_text(weight, text[2]));
    }
    return !bias || (bias->shape.ndim == 1 && bias->shape.dim[0] == weight->dim[0]) ||
           cd_fail(CD_ERR_SHAPE,
                   "bilinear: the bias (%s) must have an element for each matrix of the weight "
                   "(%s)",
                   cd_sizes_text(&bias->shape, text[0]), cd_sizes_text(weight, text[1]));
}

static cd_tensor *bilinear(cd_tensor *x1, cd_tensor *x2, cd_tensor *weight, cd_tensor *bias)
{
    const int64_t n = weight->shape.dim[1], m = weight->shape.dim[2], k = weight->shape.dim[0];
    cd_shape shape = x1->shape;
    int64_t rows = 1;
    for (int i = 0; i < shape.ndim - 1; i++) rows *= shape.dim[i];
    shape.dim[shape.ndim - 1] = k;
    cd_tensor *a = cd_expand(cd_reshape(x1, CD_SHAPE(1, rows, n)), CD_SHAPE(k, rows, n));
    cd_tensor *b = cd_reshape(x2, CD_SHAPE(rows, m, 1));
    cd_tensor *by_row = cd_transpose(cd_bmm(a, weight), 0, 1); /* rows x k x m */
    cd_tensor *y = cd_reshape(cd_bmm(by_row, b), shape);
    return bias ? cd_add(y, bias) : y;
}

cd_tensor *cd_bilinear(cd_tensor *x1, cd_tensor *x2, cd_tensor *weight, cd_tensor *bias)
{
    if (!check_tensors((cd_tensor *const[]){ x1, x2, weight }, bias) ||
        !check_shapes(&x1->shape, &x2->shape, &weight->shape, bias)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, bilinear(x1, x2, weight, bias));
}

const cd_op cd_op_bilinear = {
    .name = "bilinear",
    .like = "torch.nn.functional.bilinear(x1, x2, weight, bias)",
    .formula = "y[k] = sum of x1[i] weight[k, i, j] x2[j] + bias[k], for each row",
    .gradient = "that of bmm, add and views",
    .dtypes = "all but bool, the same for all",
    .composed = true,
};
