/* autograd/ops/masked_fill.c
 *
 *   y = value where the mask is true, x elsewhere
 *   dx = dy, but 0 where the mask is true          dvalue = the sum of dy where it is true
 *
 * x and the mask, which is bool, broadcast. The value, a number or a 0-d tensor, is converted to
 * x's dtype, in whose range it must be. Saves the mask. */
#include "autograd/masks_internal.h"

static const cd_op of_tensor = {
    .name = "masked_fill",
    .grad_fn = "MaskedFillBackward1",
    .backward = cd_masked_fill_backward,
};

cd_tensor *cd_masked_fill_with(cd_tensor *x, cd_tensor *mask, cd_operand value)
{
    cd_old_call call;
    cd_shape shape;
    cd_tensor *const inputs[3] = { x, mask, cd_operand_input(value) };
    const cd_op *op = value.kind == CD_OPERAND_TENSOR ? &of_tensor : &cd_op_masked_fill;
    if (!cd_check_tensor(x, "masked_fill", "x") || !cd_check_tensor(mask, "masked_fill", "mask") ||
        !cd_check_operand(value, "masked_fill", "value") ||
        !cd_op_begin_optional(&call, op, 2, 3, inputs)) {
        return NULL;
    }
    if (!cd_op_check_mask(&call, x, mask, &shape)) return cd_op_end(&call);
    cd_tensor *filling = cd_op_mask_value(&call, x, value);
    cd_tensor *y = cd_op_output(&call, x->dtype, shape);
    if (y) cd_map_3(CD_MAP_where, y, mask, filling, x, NULL);
    cd_op_save(&call, mask);
    return cd_op_end(&call);
}

const cd_op cd_op_masked_fill = {
    .name = "masked_fill",
    .grad_fn = "MaskedFillBackward0",
    .like = "x.masked_fill(mask, value)",
    .formula = "y = value where the mask is true, x elsewhere",
    .gradient = "dx = dy, but 0 where the mask is true; dvalue = the sum of dy where it is true",
    .dtypes = "all; the mask is bool",
    .backward = cd_masked_fill_backward,
};
