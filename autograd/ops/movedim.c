/* movedim: a view with some dimensions moved to other places; the others keep their order. Made of
 * another op: a permute. */
#include "autograd/families/rearrange_internal.h"

/* The order of dimensions for permute: from[i] at to[i], the others in the places that are left.
 * False with an error. */
static bool find_order(const cd_tensor *x, cd_shape from, cd_shape to, cd_shape *order)
{
    unsigned moved = 0, taken = 0;
    if (from.ndim != to.ndim) {
        return cd_fail(CD_ERR_ARGUMENT, "movedim: %d dimensions, and %d places for them", from.ndim,
                       to.ndim);
    }
    if (!cd_set_of_dims("movedim", x, from, &moved) || !cd_set_of_dims("movedim", x, to, &taken)) {
        return false;
    }
    const int ndim = x->shape.ndim;
    order->ndim = ndim;
    for (int i = 0; i < from.ndim && ndim > 0; i++) {
        const int64_t own = from.dim[i] < 0 ? from.dim[i] + ndim : from.dim[i];
        order->dim[to.dim[i] < 0 ? to.dim[i] + ndim : to.dim[i]] = own;
    }
    for (int i = 0, next = 0; i < ndim; i++) {
        if (taken >> i & 1) continue;
        while (moved >> next & 1) next++;
        order->dim[i] = next++;
    }
    return true;
}

cd_tensor *cd_movedim(cd_tensor *x, cd_shape from, cd_shape to)
{
    CD_CALLED("movedim");
    cd_shape order;
    if (!cd_check_tensor(x, "movedim", "x") || !find_order(x, from, to, &order)) return NULL;
    return cd_permute(x, order);
}

const cd_op cd_op_movedim = {
    .name = "movedim",
    .like = "torch.movedim(x, from, to)",
    .formula = "y = x with dimension from[i] as dimension to[i]; a view",
    .gradient = "that of permute",
    .dtypes = "all",
    .composed = true,
};
