/* Elementwise ops of one tensor that may write to it instead of to a new one.
 *
 * A rule that needs the result finds it in x, as it is after the write. One that needs x finds a
 * copy that was made before it, and only when a graph is recorded. */
#include "autograd/op_internal.h"

bool cd_op_begin_on(cd_old_call *call, const cd_op *op, cd_tensor *x, bool in_place)
{
    cd_tensor *const inputs[1] = { x };
    return in_place ? cd_op_begin_in_place(call, op, 1, 1, inputs)
                    : cd_op_begin_n(call, op, 1, inputs);
}

/* A clone, so that gradients of gradients go on to where x came from. The scope's ownership of it
 * becomes the call's, as of every temporary. */
cd_tensor *cd_op_before_change(cd_old_call *call, cd_tensor *x)
{
    if (call->failed || !call->in_place || !call->record) return x;
    cd_tensor *copy = cd_clone(x);
    if (!copy) {
        call->failed = true;
        return x;
    }
    cd_object_own(&copy->object);
    (void)cd_drop(copy);
    call->temporary[call->temporaries++] = copy;
    return copy;
}

cd_tensor *cd_op_target(cd_old_call *call, cd_tensor *x, cd_dtype dtype, cd_saves saves)
{
    cd_tensor *y = x;
    if (call->in_place) {
        (void)cd_op_check_fits(call, x, dtype);
    } else {
        y = cd_op_output(call, dtype, x->shape);
    }
    if (saves == CD_SAVES_INPUT) cd_op_save(call, cd_op_before_change(call, x));
    if (saves == CD_SAVES_OUTPUT) cd_op_save_output(call, 0);
    if (call->in_place) (void)cd_op_before_write(call);
    return call->failed ? NULL : y;
}
