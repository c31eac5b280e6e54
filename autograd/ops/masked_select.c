/* autograd/ops/masked_select.c
 *
 *   y = the elements of x where the mask is true, row by row          y = x[mask]
 *   dx = zeros, with dy where the mask is true
 *
 * x and the mask, which is bool, broadcast; y is a vector. Saves the mask. */
#include "autograd/masks_internal.h"
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *zeros = cd_zeros(cd_input_shape(node, 0), .dtype = dy[0]->dtype);
    dx[0] = cd_masked_scatter(zeros, cd_saved_value(node, 0), dy[0]);
}

cd_tensor *cd_masked_select(cd_tensor *x, cd_tensor *mask)
{
    cd_old_call call;
    cd_shape shape;
    if (!cd_op_begin(&call, &cd_op_masked_select, x, mask)) return NULL;
    if (!cd_op_check_mask(&call, x, mask, &shape)) return cd_op_end(&call);
    cd_tensor *from = cd_op_stretch(&call, x, shape), *where = cd_op_stretch(&call, mask, shape);
    if (!from || !where) return cd_op_end(&call);
    const uint8_t *chosen = (const uint8_t *)cd_tensor_data(where);
    int64_t count = cd_cpu_mask_count(chosen, where->numel);
    cd_tensor *y = cd_op_output(&call, x->dtype, CD_SHAPE(count));
    if (y) cd_cpu_masked_select(y->dtype, chosen, count, cd_tensor_data(from), cd_tensor_data(y));
    cd_op_save(&call, mask);
    return cd_op_end(&call);
}

const cd_op cd_op_masked_select = {
    .name = "masked_select",
    .grad_fn = "MaskedSelectBackward0",
    .like = "torch.masked_select(x, mask), x[mask]",
    .formula = "y = the elements of x where the mask is true, row by row",
    .gradient = "dx = zeros, with dy where the mask is true",
    .dtypes = "all; the mask is bool",
    .backward = backward,
};
