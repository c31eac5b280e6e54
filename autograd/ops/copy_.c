/* copy_: writes y into x, broadcast to x's shape and converted to x's dtype. y may overlap x, and
 * may be on another device.
 *
 * Saves nothing. Kernel: core/cpu/copy.c. */
#include "autograd/dispatch/call_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { X, SOURCE };

static void copy_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, X)) dx[X] = cd_zeros_like(dy[0]);
    if (cd_wanted(node, SOURCE)) dx[SOURCE] = dy[0];
}

static bool copy_infer(cd_call *call)
{
    const cd_tensor *x = call->in[X].tensor, *y = call->in[SOURCE].tensor;
    if (!cd_broadcasts_to(&y->shape, &x->shape)) {
        char text_x[CD_SHAPE_TEXT], text_y[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE, "y (%s) does not broadcast to x (%s)",
                         cd_sizes_text(&y->shape, text_y), cd_sizes_text(&x->shape, text_x));
    }
    call->need[SOURCE].apart = CD_APART;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

static void copy_run(const cd_launch *launch)
{
    cd_cpu_convert(&launch->out[0], &launch->in[SOURCE]);
}

cd_tensor *cd_copy_(cd_tensor *x, cd_tensor *y)
{
    return cd_op_in_place(&cd_op_copy_, x, y);
}

const cd_op cd_op_copy_ = {
    .name = "copy_",
    .grad_fn = "CopyBackwards",
    .like = "x.copy_(y)",
    .formula = "x = y, in place, broadcast and converted",
    .gradient = "dy = dx, and 0 for what x was before",
    .dtypes = "all",
    .overwrites = true,
    .moves = true,
    .inputs = 2,
    .input = { "x", "y" },
    .infer = copy_infer,
    .cpu = { .run = copy_run },
    .backward = copy_backward,
};
