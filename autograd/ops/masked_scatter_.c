/* autograd/ops/masked_scatter_.c
 *
 *   x[mask] = the elements of source in order, in place
 *
 * Rules and gradient are masked_scatter's, but that the mask broadcasts to x. Mask and source may
 * overlap x. */
#include "autograd/masks_internal.h"

cd_tensor *cd_masked_scatter_(cd_tensor *x, cd_tensor *mask, cd_tensor *source)
{
    cd_old_call call;
    cd_shape shape;
    cd_masked_scatter_plan plan;
    cd_tensor *const inputs[3] = { x, mask, source };
    if (!cd_op_begin_in_place(&call, &cd_op_masked_scatter_, 3, 3, inputs)) return NULL;
    if (!cd_op_check_mask(&call, x, mask, &shape) ||
        !cd_op_plan_masked_scatter(&call, x, mask, source, shape, &plan)) {
        return cd_op_end(&call);
    }
    cd_tensor *to = cd_op_contiguous(&call, x);
    cd_op_save(&call, mask);
    if (to && cd_op_before_write(&call)) {
        cd_op_masked_scatter_into(to, &plan);
        if (to != x) cd_tensor_copy(x, to);
    }
    return cd_op_end(&call);
}

const cd_op cd_op_masked_scatter_ = {
    .name = "masked_scatter_",
    .grad_fn = "MaskedScatterBackward0",
    .like = "x.masked_scatter_(mask, source), x[mask] = source",
    .formula = "x, but the elements of source in order where the mask is true, in place",
    .gradient = "dx = dy, but 0 where the mask is true; dsource = dy where it is true",
    .dtypes = "all; x and source of one, the mask bool",
    .backward = cd_masked_scatter_backward,
};
