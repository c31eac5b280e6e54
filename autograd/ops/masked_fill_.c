/* autograd/ops/masked_fill_.c
 *
 *   x = value where the mask is true, in place          x[mask] = value
 *
 * Rules and gradient are masked_fill's, but that the mask broadcasts to x. Mask and value may
 * overlap x. */
#include "autograd/masks_internal.h"

static const cd_op of_tensor = {
    .name = "masked_fill_",
    .grad_fn = "MaskedFillBackward1",
    .backward = cd_masked_fill_backward,
};

cd_tensor *cd_masked_fill_with_(cd_tensor *x, cd_tensor *mask, cd_operand value)
{
    cd_old_call call;
    cd_shape shape;
    cd_tensor *const inputs[3] = { x, mask, cd_operand_input(value) };
    const cd_op *op = value.kind == CD_OPERAND_TENSOR ? &of_tensor : &cd_op_masked_fill_;
    if (!cd_ok() || !cd_check_tensor(x, "masked_fill_", "x") ||
        !cd_check_tensor(mask, "masked_fill_", "mask") ||
        !cd_check_operand(value, "masked_fill_", "value") ||
        !cd_op_begin_in_place(&call, op, 2, 3, inputs)) {
        return NULL;
    }
    if (!cd_op_check_mask(&call, x, mask, &shape)) return cd_op_end(&call);
    cd_tensor *filling = cd_op_mask_value(&call, x, value);
    cd_tensor *where = mask->storage == x->storage ? cd_op_copy(&call, mask, CD_BOOL) : mask;
    cd_op_save(&call, mask);
    if (filling && where && cd_op_before_write(&call)) {
        cd_map_3(CD_MAP_where, x, where, filling, x, NULL);
    }
    return cd_op_end(&call);
}

const cd_op cd_op_masked_fill_ = {
    .name = "masked_fill_",
    .grad_fn = "MaskedFillBackward0",
    .like = "x.masked_fill_(mask, value), x[mask] = value",
    .formula = "x = value where the mask is true, in place",
    .gradient = "dx = dy, but 0 where the mask is true; dvalue = the sum of dy where it is true",
    .dtypes = "all; the mask is bool",
    .backward = cd_masked_fill_backward,
};
