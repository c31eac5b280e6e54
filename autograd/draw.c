/* What ops share that draw random numbers into a tensor, in place. */
#include "autograd/op_internal.h"

cd_tensor *cd_op_draw(const cd_op *op, cd_tensor *x, const cd_draw *draw, cd_generator *generator)
{
    cd_old_call call;
    cd_tensor *const inputs[1] = { x };
    if (!cd_op_begin_in_place(&call, op, 1, 1, inputs)) return NULL;
    call.failed =
        !cd_generator_check(generator, op->name) || !cd_draw_check(draw, x->dtype, op->name);
    if (cd_op_before_write(&call)) {
        cd_draw_into(cd_generator_lock(generator), draw, x, x);
        cd_generator_unlock(generator);
    }
    return cd_op_end(&call);
}

void cd_zero_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
}
