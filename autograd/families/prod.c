/* The gradient of products. */
#include "autograd/families/prod_internal.h"

#include "autograd/families/scan_internal.h"
#include "autograd/graph.h"
#include "autograd/ops_internal.h"

/* The product over an element, none of which is 0. */
static cd_tensor *by_division(cd_tensor *x, int dim)
{
    return cd_div(cd_prod(x, .dims = CD_DIMS(dim), .keepdim = true), x);
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

/* As in PyTorch one 0 anywhere in x decides for scans; elsewhere a division may give NaN, of Inf by
 * Inf. Both are computed only where the elements cannot be read: while a graph is captured, and on
 * the meta device. There a division gets 1 for a 0. */
cd_tensor *cd_prod_gradient(cd_tensor *x, cd_tensor *dy, int dim)
{
    if (!x || !dy) return NULL;
    if (x->shape.ndim == 0) return dy;
    if (x->numel == 0) return cd_zeros_like(x);
    cd_tensor *zero = cd_eq(x, 0), *zeros = cd_sum(zero);
    if (!cd_is_capturing() && cd_tensor_device(x) != CD_META) {
        const bool any = cd_item(zeros) != 0;
        return cd_mul(dy, any ? by_scans(x, dy, dim) : by_division(x, dim));
    }
    cd_tensor *quotients = by_division(cd_where(zero, 1, x), dim);
    return cd_mul(dy, cd_where(cd_eq(zeros, 0), quotients, by_scans(x, dy, dim)));
}
