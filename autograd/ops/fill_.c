/* autograd/ops/fill_.c
 *
 *   x = value, in place          dx = 0
 *
 * The value is converted to x's dtype, in whose range it must be. Saves nothing. */
#include "autograd/op_internal.h"
#include "core/dtype_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
}

cd_tensor *cd_fill_(cd_tensor *x, double value)
{
    cd_old_call call;
    cd_tensor *const inputs[1] = { x };
    if (!cd_op_begin_in_place(&call, &cd_op_fill_, 1, 1, inputs)) return NULL;
    if (!cd_dtype_takes(x->dtype, value)) {
        (void)cd_op_fail(&call, CD_ERR_ARGUMENT, "%g is not among the numbers of %s", value,
                         cd_dtype_name(x->dtype));
        return cd_op_end(&call);
    }
    cd_tensor *converted = cd_op_operand(&call, cd_operand_double(value), x->dtype);
    if (converted && cd_op_before_write(&call)) {
        cd_map_0(CD_MAP_fill, x, cd_tensor_data(converted));
    }
    return cd_op_end(&call);
}

const cd_op cd_op_fill_ = {
    .name = "fill_",
    .grad_fn = "FillBackward2",
    .like = "x.fill_(value)",
    .formula = "x = value, in place",
    .gradient = "dx = 0",
    .dtypes = "all",
    .overwrites = true,
    .backward = backward,
};
