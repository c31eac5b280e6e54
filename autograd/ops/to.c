/* to: x converted to another dtype, or to that of another tensor; x itself if it has that dtype
 * already and no copy is asked for. A copy to another device is the op to_device, before this.
 *
 * Saves nothing. Kernel: core/cpu/copy.c. The engine converts the gradient to x's dtype. */
#include "autograd/ops_internal.h"
#include "autograd/families/gradients_internal.h"
#include "autograd/families/reduction_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_dtype_attributes, dtype, DTYPE), CD_FIELDS_END };

static bool to_infer(cd_call *call)
{
    const cd_dtype_attributes *a = call->launch.attributes;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = call->in[0].tensor->shape;
    return true;
}

static void to_run(const cd_launch *launch)
{
    cd_cpu_convert(&launch->out[0], &launch->in[0]);
}

/* Takes dtype and device from the other tensor, or from x where they are not given. False with an
 * error. */
static bool complete(cd_to_options *o)
{
    const cd_tensor *from = o->other ? o->other : o->x;
    if (!cd_check_tensor(o->x, "to", "x") || !cd_check_dtype_option("to", o->dtype)) return false;
    if (o->other && (o->dtype != CD_DTYPE_DEFAULT || o->device != CD_DEVICE_DEFAULT)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "to: .other gives dtype and device: neither can be named beside it");
    }
    if (o->dtype == CD_DTYPE_DEFAULT) o->dtype = from->dtype;
    if (o->device == CD_DEVICE_DEFAULT) o->device = cd_tensor_device(from);
    return true;
}

cd_tensor *cd_to_with(cd_to_options o)
{
    if (!complete(&o)) return NULL;
    cd_dtype_attributes a = { o.dtype };
    const bool moves = o.device != cd_tensor_device(o.x);
    if (!moves) {
        return o.x->dtype == o.dtype && !o.copy ? cd_hand_shared(o.x)
                                                : cd_op_with(&cd_op_to, &a, o.x);
    }
    if (o.x->dtype == o.dtype) return cd_to_device(o.x, o.device);
    const cd_scope scope = cd_scope_begin();
    cd_tensor *there = cd_to_device(o.x, o.device);
    return cd_ops_end(scope, there ? cd_op_with(&cd_op_to, &a, there) : NULL);
}

const cd_op cd_op_to = {
    .name = "to",
    .grad_fn = "ToCopyBackward0",
    .like = "x.to(dtype, copy=...), x.to(other)",
    .formula = "y = x in another dtype",
    .gradient = "dx = dy in x's dtype",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_dtype_attributes, fields),
    .infer = to_infer,
    .cpu = { .run = to_run },
    .backward = cd_same_backward,
};
