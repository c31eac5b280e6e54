/* fill_: writes one value into every element of x, converted to x's dtype, whose range must have
 * it.
 *
 * Saves nothing. Kernel: core/cpu/select.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { X, VALUE };

static bool fill_infer(cd_call *call)
{
    const cd_tensor *x = call->in[X].tensor;
    const double value = call->in[VALUE].number;
    if (!cd_number_fits(x->dtype, false, value)) return cd_refuse_number(call, x->dtype, value);
    call->need[VALUE].dtype = call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

static void fill_run(const cd_launch *launch)
{
    const cd_array *x = &launch->out[0];
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_fill, x->layout->dtype), x, 0, NULL,
                       launch->in[VALUE].data);
}

cd_tensor *cd_fill_(cd_tensor *x, double value)
{
    return cd_op_binary_in_place(&cd_op_fill_, x, cd_operand_double(value));
}

const cd_op cd_op_fill_ = {
    .name = "fill_",
    .grad_fn = "FillBackward2",
    .like = "x.fill_(value)",
    .formula = "x = value, in place",
    .gradient = "dx = 0",
    .dtypes = "all",
    .overwrites = true,
    .inputs = 2,
    .numbers = CD_SET(VALUE),
    .input = { "x", "value" },
    .infer = fill_infer,
    .cpu = { .run = fill_run },
    .backward = cd_zero_backward,
};
