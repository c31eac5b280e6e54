/* autograd/ops/copy_.c
 *
 *   x = y, in place          dy = dx, dx = 0
 *
 * y is broadcast to x's shape and converted to its dtype, and may overlap x. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
    if (cd_wanted(node, 1)) dx[1] = dy[0];
}

cd_tensor *cd_copy_(cd_tensor *x, cd_tensor *y)
{
    cd_old_call call;
    cd_shape meet;
    cd_tensor *const inputs[2] = { x, y };
    if (!cd_op_begin_in_place(&call, &cd_op_copy_, 2, 2, inputs)) return NULL;
    if (!cd_shape_broadcast(x->shape, y->shape, &meet) || !cd_shape_equal(meet, x->shape)) {
        char text_x[CD_SHAPE_TEXT], text_y[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE, "y (%s) does not broadcast to x (%s)",
                         cd_shape_text(y->shape, text_y), cd_shape_text(x->shape, text_x));
        return cd_op_end(&call);
    }
    cd_tensor *from = y->storage == x->storage ? cd_op_copy(&call, y, y->dtype) : y;
    if (from && cd_op_before_write(&call)) cd_map_convert(x, from);
    return cd_op_end(&call);
}

const cd_op cd_op_copy_ = {
    .name = "copy_",
    .grad_fn = "CopyBackwards",
    .like = "x.copy_(y)",
    .formula = "x = y, in place, broadcast and converted",
    .gradient = "dy = dx, and 0 for what x was before",
    .dtypes = "all",
    .overwrites = true,
    .backward = backward,
};
