/* matrix_power: the n-th power of a square matrix, or of each of a batch. Made of other ops, as in
 * PyTorch: squares are multiplied, one for each bit of n. For n = 0 the result is the identity, and
 * the gradient 0. */
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

static bool check(const cd_tensor *x, int64_t n)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, "matrix_power", "x")) return false;
    const int ndim = x->shape.ndim;
    if (ndim < 2 || x->shape.dim[ndim - 2] != x->shape.dim[ndim - 1]) {
        return cd_fail(CD_ERR_SHAPE, "matrix_power: x (%s) must be a square matrix, or a batch",
                       cd_sizes_text(&x->shape, text));
    }
    if (n < 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "matrix_power: n is %lld: a negative power needs the inverse, which there "
                       "is not yet",
                       (long long)n);
    }
    return n < 2 || x->dtype != CD_BOOL ||
           cd_fail(CD_ERR_DTYPE, "matrix_power: is not defined for bool: convert with cd_to");
}

static cd_tensor *identity(cd_tensor *x)
{
    const int64_t size = x->shape.dim[x->shape.ndim - 1];
    cd_tensor *eye = size > 0 ? cd_eye(size, .dtype = x->dtype, .device = cd_tensor_device(x)) : x;
    return cd_copy_(cd_clone(x), eye);
}

static cd_tensor *power(cd_tensor *x, int64_t n)
{
    cd_tensor *square = x, *y = n & 1 ? x : NULL;
    if (n == 3) return cd_matmul(cd_matmul(x, x), x);
    for (n >>= 1; n > 0 && square; n >>= 1) {
        square = cd_matmul(square, square);
        if (n & 1) y = y ? cd_matmul(y, square) : square;
    }
    return square ? y : NULL;
}

cd_tensor *cd_matrix_power(cd_tensor *x, int64_t n)
{
    if (!check(x, n)) return NULL;
    if (n == 1) return cd_clone(x);
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, n == 0 ? identity(x) : power(x, n));
}

const cd_op cd_op_matrix_power = {
    .name = "matrix_power",
    .like = "torch.matrix_power(x, n)",
    .formula = "y = x x ... x, n times, of matrices",
    .gradient = "that of matmul; 0 for n = 0",
    .dtypes = "all but bool; bool for n = 0 and 1",
    .composed = true,
};
