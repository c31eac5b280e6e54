/* tile: copies of x side by side, where fewer numbers than x has dimensions are for its last ones.
 * Made of another op: a repeat. */
#include "autograd/ops_internal.h"

cd_tensor *cd_tile(cd_tensor *x, cd_shape times)
{
    CD_CALLED("tile");
    if (!cd_check_tensor(x, "tile", "x")) return NULL;
    if (times.ndim < 0 || times.ndim >= x->shape.ndim) return cd_repeat(x, times);
    const int missing = x->shape.ndim - times.ndim;
    cd_shape all = { .ndim = x->shape.ndim };
    for (int i = 0; i < all.ndim; i++) all.dim[i] = i < missing ? 1 : times.dim[i - missing];
    return cd_repeat(x, all);
}

const cd_op cd_op_tile = {
    .name = "tile",
    .like = "torch.tile(x, times)",
    .formula = "y = x repeated along its last dimensions",
    .gradient = "that of repeat",
    .dtypes = "all",
    .composed = true,
};
