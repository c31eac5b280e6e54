/* inner: the sums of products over the last dimension of both operands; with an operand of no
 * dimensions their product. Made of other ops, as in PyTorch. */
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

static bool check_last(const cd_tensor *a, const cd_tensor *b)
{
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    const char *one = cd_sizes_text(&a->shape, left), *two = cd_sizes_text(&b->shape, right);
    if (a->shape.dim[a->shape.ndim - 1] != b->shape.dim[b->shape.ndim - 1]) {
        return cd_fail(CD_ERR_SHAPE, "inner: the last sizes of a (%s) and b (%s) differ", one, two);
    }
    if (a->shape.ndim + b->shape.ndim - 2 > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE,
                       "inner: a (%s) and b (%s) have more than %d dimensions beside the last ones",
                       one, two, CD_MAX_DIMS);
    }
    if (a->dtype == CD_BOOL && b->dtype == CD_BOOL) {
        return cd_fail(CD_ERR_DTYPE, "inner: is not defined for bool: convert with cd_to");
    }
    return a->dtype == b->dtype ||
           cd_fail(CD_ERR_DTYPE, "inner: a is %s, and b %s: both must have one dtype",
                   cd_dtype_name(a->dtype), cd_dtype_name(b->dtype));
}

cd_tensor *cd_inner(cd_tensor *a, cd_tensor *b)
{
    if (!cd_check_tensor(a, "inner", "a") || !cd_check_tensor(b, "inner", "b") ||
        !cd_check_same_device("inner", "a", a, "b", b)) {
        return NULL;
    }
    if (a->shape.ndim == 0 || b->shape.ndim == 0) return cd_mul(a, b);
    return check_last(a, b) ? cd_tensordot_dims(a, b, CD_DIMS(-1), CD_DIMS(-1)) : NULL;
}

const cd_op cd_op_inner = {
    .name = "inner",
    .like = "torch.inner(a, b)",
    .formula = "y[i, j] = sum of a[i, k] b[j, k] over k",
    .gradient = "that of tensordot or mul",
    .dtypes = "all but bool, the same for both",
    .composed = true,
};
