/* The gradient of products. */
#include "autograd/families/prod_internal.h"

#include "autograd/families/scan_internal.h"
#include "autograd/ops_internal.h"

/* The product over an element. One that is 0 has the product of the others. */
static cd_tensor *by_division(cd_tensor *x, cd_tensor *zero, int dim)
{
    cd_tensor *others = cd_where(zero, 1, x);
    return cd_div(cd_prod(others, .dims = CD_DIMS(dim), .keepdim = true), others);
}

/* What stands before an element times what stands behind it: right beside zeros, as are its
 * derivatives. */
static cd_tensor *by_scans(cd_tensor *x, cd_tensor *dy, int dim)
{
    const int64_t n = x->shape.dim[dim];
    cd_tensor *last = cd_slice_backward(cd_ones_like(dy), x->shape, dim, n - 1, n, 1);
    cd_tensor *before = cd_exclusive(cd_cumprod(x, dim), dim);
    return cd_mul(before, cd_linear_scan(last, x, dim, true));
}

/* As in PyTorch one 0 anywhere in x decides for scans. Elsewhere a division may give NaN, of Inf by
 * Inf. */
cd_tensor *cd_prod_gradient(cd_tensor *x, cd_tensor *dy, int dim)
{
    if (!x || !dy) return NULL;
    if (x->shape.ndim == 0) return dy;
    if (x->numel == 0) return cd_zeros_like(x);
    cd_tensor *zero = cd_eq(x, 0), *zeros = cd_sum(zero);
    return cd_mul(dy, cd_where(cd_eq(zeros, 0), by_division(x, zero, dim), by_scans(x, dy, dim)));
}
