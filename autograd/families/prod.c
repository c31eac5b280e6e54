/* The gradient of products. */
#include "autograd/families/prod_internal.h"

#include "autograd/families/scan_internal.h"
#include "autograd/ops_internal.h"

/* By division. With one element that is 0 it alone has a gradient, the product of the others; with
 * several none has. */
static cd_tensor *by_division(cd_tensor *x, cd_tensor *dy, int dim)
{
    cd_tensor *zero = cd_eq(x, 0), *others = cd_where(zero, 1, x);
    cd_tensor *zeros = cd_sum_dim(zero, dim, .keepdim = true);
    cd_tensor *product = cd_prod(others, .dims = CD_DIMS(dim), .keepdim = true);
    cd_tensor *scaled = cd_mul(dy, product);
    cd_tensor *counts = cd_eq(zeros, zero); /* 0 zeros and not at one, or 1 zero and just there */
    return cd_where(counts, cd_div(scaled, others), 0);
}

/* Without a division, so that it can be differentiated where elements are 0: what stands before an
 * element times what stands behind it. */
static cd_tensor *by_scans(cd_tensor *x, cd_tensor *dy, int dim)
{
    const int64_t n = x->shape.dim[dim];
    cd_tensor *last = cd_slice_backward(dy, x->shape, dim, n - 1, n, 1);
    cd_tensor *before = cd_exclusive(cd_cumprod(x, dim), dim);
    return cd_mul(before, cd_linear_scan(last, x, dim, true));
}

cd_tensor *cd_prod_gradient(cd_tensor *x, cd_tensor *dy, int dim)
{
    if (!x || !dy) return NULL;
    if (x->shape.ndim == 0) return dy;
    if (x->numel == 0) return cd_zeros_like(x);
    return cd_grad_enabled() ? by_scans(x, dy, dim) : by_division(x, dy, dim);
}
