/* Elementwise ops of one tensor that may write to it instead of to a new one.
 *
 * A rule that needs the result finds it in x, as it is after the write. One that needs x finds a
 * copy that was made before it, and only when a graph is recorded. */
#include "autograd/op_internal.h"

bool cd_op_begin_on(cd_call *call, const cd_op *op, cd_tensor *x, bool in_place)
{
    cd_tensor *const inputs[1] = { x };
    return in_place ? cd_op_begin_in_place(call, op, 1, 1, inputs)
                    : cd_op_begin_n(call, op, 1, inputs);
}

/* A clone, so that gradients of gradients go on to where x came from. The scope's ownership of it
 * becomes the call's, as of every temporary. */
cd_tensor *cd_op_before_change(cd_call *call, cd_tensor *x)
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

cd_tensor *cd_op_target(cd_call *call, cd_tensor *x, cd_dtype dtype, cd_saves saves)
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

static cd_tensor *unary(const cd_op *op, cd_map map, cd_tensor *x, cd_saves saves, bool floating)
{
    cd_call call;
    if (!cd_op_begin_on(&call, op, x, true)) return NULL;
    cd_dtype dtype = floating ? cd_floating_type(x->dtype) : x->dtype;
    if (cd_op_check_map(&call, map, dtype) && cd_op_target(&call, x, dtype, saves)) {
        cd_map_1(map, x, x, NULL);
    }
    return cd_op_end(&call);
}

cd_tensor *cd_op_unary_in_place(const cd_op *op, cd_map map, cd_tensor *x, cd_saves saves)
{
    return unary(op, map, x, saves, false);
}

cd_tensor *cd_op_unary_floating_in_place(const cd_op *op, cd_map map, cd_tensor *x, cd_saves saves)
{
    return unary(op, map, x, saves, true);
}
