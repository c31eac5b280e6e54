/* kron: the Kronecker product. Each element of a is multiplied by all of b, and the products lie in
 * the place of that element: a size of y is the product of those of a and b. Where one operand has
 * fewer dimensions, it counts as having sizes of 1 before them. Made of other ops, as in
 * PyTorch. */
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

/* Size d of a shape that is aligned at the last of ndim dimensions. */
static int64_t size_at(const cd_shape *shape, int d, int ndim)
{
    const int own = d - (ndim - shape->ndim);
    return own < 0 ? 1 : shape->dim[own];
}

/* Adds a dimension that only one of both has. False with an error where there are too many. */
static bool add_dim(cd_shape *with, cd_shape *without, int64_t size)
{
    if (with->ndim == CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE,
                       "kron: a and b have more than %d dimensions whose size is not 1, together",
                       CD_MAX_DIMS);
    }
    with->dim[with->ndim++] = size;
    without->dim[without->ndim++] = 1;
    return true;
}

/* The shapes in which a and b broadcast: a dimension of a is followed by that of b. Sizes of 1 are
 * left out. *shape is that of the result. False with an error. */
static bool interleave(const cd_shape *a, const cd_shape *b, cd_shape *of_a, cd_shape *of_b,
                       cd_shape *shape)
{
    *of_a = *of_b = *shape = CD_SCALAR;
    shape->ndim = a->ndim > b->ndim ? a->ndim : b->ndim;
    for (int d = 0; d < shape->ndim; d++) {
        const int64_t n = size_at(a, d, shape->ndim), m = size_at(b, d, shape->ndim);
        if ((n != 1 && !add_dim(of_a, of_b, n)) || (m != 1 && !add_dim(of_b, of_a, m))) {
            return false;
        }
        if (__builtin_mul_overflow(n, m, &shape->dim[d])) {
            return cd_fail(CD_ERR_SHAPE, "kron: dimension %d of the result is too large", d);
        }
    }
    return true;
}

cd_tensor *cd_kron(cd_tensor *a, cd_tensor *b)
{
    cd_shape of_a, of_b, shape;
    if (!cd_check_tensor(a, "kron", "a") || !cd_check_tensor(b, "kron", "b") ||
        !cd_check_same_device("kron", "a", a, "b", b) ||
        !interleave(&a->shape, &b->shape, &of_a, &of_b, &shape)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *products = cd_mul(cd_reshape(a, of_a), cd_reshape(b, of_b));
    return cd_ops_end(scope, cd_unsafe_view(products, shape));
}

const cd_op cd_op_kron = {
    .name = "kron",
    .like = "torch.kron(a, b)",
    .formula = "y[i n + k, j m + l] = a[i, j] b[k, l], for b of n x m",
    .gradient = "that of mul and of views",
    .dtypes = "all, promoted to one",
    .composed = true,
};
