/* linear: a linear layer. x is ... x in, weight is out x in, bias has out elements or is NULL, and
 * y is ... x out. A weight of `in` elements gives one number for each row, y without the last
 * dimension; then bias is 0-d, and NULL where x is a matrix.
 *
 * Made of other ops, as in PyTorch: addmm of all rows of x as one matrix; or matmul, where there is
 * no bias, or where x would have to be copied to view its rows as one matrix. */
#include "autograd/ops_internal.h"

/* Whether the bias has the right shape; false with an error. */
static bool check_bias(const cd_tensor *x, const cd_tensor *weight, const cd_tensor *bias)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    if (!bias) return true;
    if (weight->shape.ndim == 1) {
        return (bias->shape.ndim == 0 && x->shape.ndim != 2) ||
               cd_fail(CD_ERR_SHAPE,
                       "linear: with a weight of 1 dimension (%s) the bias (%s) must be 0-d, and "
                       "NULL for an x of 2 dimensions",
                       cd_sizes_text(&weight->shape, two), cd_sizes_text(&bias->shape, one));
    }
    const int64_t out = weight->shape.dim[0];
    return (bias->shape.ndim == 1 && bias->shape.dim[0] == out) ||
           cd_fail(CD_ERR_SHAPE,
                   "linear: the bias (%s) must have the %lld elements that the weight "
                   "(%s) gives",
                   cd_sizes_text(&bias->shape, one), (long long)out,
                   cd_sizes_text(&weight->shape, two));
}

static bool linear_check(const cd_tensor *x, const cd_tensor *weight, const cd_tensor *bias)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    const int n = weight->shape.ndim;
    if (n != 1 && n != 2) {
        return cd_fail(CD_ERR_SHAPE,
                       "linear: the weight (%s) must have 2 dimensions, out x in, or 1",
                       cd_sizes_text(&weight->shape, two));
    }
    const int64_t in = weight->shape.dim[n - 1];
    if (x->shape.ndim == 0 || x->shape.dim[x->shape.ndim - 1] != in) {
        return cd_fail(CD_ERR_SHAPE,
                       "linear: x (%s) does not fit the weight (%s): the last size of x must be "
                       "%lld, the features that the weight takes",
                       cd_sizes_text(&x->shape, one), cd_sizes_text(&weight->shape, two),
                       (long long)in);
    }
    if (!check_bias(x, weight, bias)) return false;
    if (x->dtype == weight->dtype && (!bias || bias->dtype == x->dtype)) {
        return x->dtype != CD_BOOL ||
               cd_fail(CD_ERR_DTYPE, "linear: is not defined for bool: convert with cd_to");
    }
    return cd_fail(CD_ERR_DTYPE,
                   "linear: x is %s, the weight %s%s%s: all must have one dtype (cd_to converts)",
                   cd_dtype_name(x->dtype), cd_dtype_name(weight->dtype), bias ? ", the bias " : "",
                   bias ? cd_dtype_name(bias->dtype) : "");
}

static cd_tensor *apply(cd_tensor *x, cd_tensor *weight, cd_tensor *bias)
{
    int n = x->shape.ndim;
    cd_tensor *transposed = cd_t(weight);
    if (!bias) return cd_matmul(x, transposed);
    if (n == 2) return cd_addmm(bias, x, transposed);
    if (!x->contiguous || weight->shape.ndim == 1) return cd_add(cd_matmul(x, transposed), bias);
    cd_shape shape = x->shape;
    int64_t in = shape.dim[n - 1], rows = 1;
    for (int i = 0; i + 1 < n; i++) rows *= shape.dim[i];
    shape.dim[n - 1] = weight->shape.dim[0];
    cd_tensor *y = cd_addmm(bias, cd_view(x, CD_SHAPE(rows, in)), transposed);
    return cd_unsafe_view(y, shape);
}

cd_tensor *cd_linear(cd_tensor *x, cd_tensor *weight, cd_tensor *bias)
{
    if (!cd_check_tensor(x, "linear", "x") || !cd_check_tensor(weight, "linear", "weight") ||
        (bias && !cd_check_tensor(bias, "linear", "bias")) ||
        !cd_check_same_device("linear", "x", x, "weight", weight) ||
        (bias && !cd_check_same_device("linear", "x", x, "bias", bias)) ||
        !linear_check(x, weight, bias)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, apply(x, weight, bias));
}

/* No call has this descriptor, since cd_linear calls other ops. It is for docs/ops.md and the
 * tests. */
const cd_op cd_op_linear = {
    .name = "linear",
    .like = "torch.nn.functional.linear(x, weight, bias)",
    .formula = "y = x weight^T + bias",
    .gradient = "that of addmm or matmul",
    .dtypes = "all but bool, the same for all",
    .composed = true,
};
