/* to: x converted to another dtype; x itself if it has that dtype already.
 *
 * Saves nothing. Kernel: core/cpu/copy.c. The engine converts the gradient to x's dtype. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
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

cd_tensor *cd_to(cd_tensor *x, cd_dtype dtype)
{
    cd_dtype_attributes a = { dtype };
    if (!cd_check_tensor(x, "to", "x")) return NULL;
    return x->dtype == dtype ? cd_hand_shared(x) : cd_op_with(&cd_op_to, &a, x);
}

const cd_op cd_op_to = {
    .name = "to",
    .grad_fn = "ToCopyBackward0",
    .like = "x.to(dtype)",
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
