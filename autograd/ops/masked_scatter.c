/* autograd/ops/masked_scatter.c
 *
 *   y = x, but the elements of source in order where the mask is true
 *   dx = dy, but 0 where the mask is true       dsource = dy where it is true; 0 for what is left
 *
 * x and the mask, which is bool, broadcast. source is of x's dtype and of any shape, with as many
 * elements as are chosen, or more. Saves the mask. */
#include "autograd/masks_internal.h"

cd_tensor *cd_masked_scatter(cd_tensor *x, cd_tensor *mask, cd_tensor *source)
{
    cd_old_call call;
    cd_shape shape;
    cd_masked_scatter_plan plan;
    if (!cd_op_begin(&call, &cd_op_masked_scatter, x, mask, source)) return NULL;
    if (!cd_op_check_mask(&call, x, mask, &shape) ||
        !cd_op_plan_masked_scatter(&call, x, mask, source, shape, &plan)) {
        return cd_op_end(&call);
    }
    cd_tensor *y = cd_op_output(&call, x->dtype, shape);
    if (y) {
        cd_map_convert(y, x);
        cd_op_masked_scatter_into(y, &plan);
    }
    cd_op_save(&call, mask);
    return cd_op_end(&call);
}

const cd_op cd_op_masked_scatter = {
    .name = "masked_scatter",
    .grad_fn = "MaskedScatterBackward0",
    .like = "x.masked_scatter(mask, source)",
    .formula = "y = x, but the elements of source in order where the mask is true",
    .gradient = "dx = dy, but 0 where the mask is true; dsource = dy where it is true",
    .dtypes = "all; x and source of one, the mask bool",
    .backward = cd_masked_scatter_backward,
};
