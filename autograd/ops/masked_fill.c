/* masked_fill: x, with a value where a mask is true.
 *
 * x and the bool mask broadcast; in place the mask to x, as in x[mask] = value. The value, a number
 * or a 0-d tensor, is converted to x's dtype, and must be in its range. PyTorch's graph has another
 * name for the op when the value is a tensor: masked_fill_tensor.
 *
 * Saves the mask. Kernel: where, in core/cpu/select.c. */
#include "autograd/families/masks_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/dtype_internal.h"

static void masked_fill_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *mask = cd_saved_value(node, 0);
    if (cd_wanted(node, CD_MASKED)) dx[CD_MASKED] = cd_masked_fill(dy[0], mask, 0);
    if (cd_wanted(node, CD_FILLING)) dx[CD_FILLING] = cd_where(mask, dy[0], 0);
}

static bool check_value(const cd_call *call, cd_dtype dtype)
{
    char text[CD_SHAPE_TEXT];
    const cd_operand value = call->in[CD_FILLING];
    if (value.kind != CD_OPERAND_TENSOR) {
        return cd_number_fits(dtype, value.kind != CD_OPERAND_DOUBLE, value.number) ||
               cd_refuse_number(call, dtype, value.number);
    }
    return value.tensor->shape.ndim == 0 ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "the value has shape %s, and must be a number or a tensor without dimensions",
                     cd_sizes_text(&value.tensor->shape, text));
}

/* A number is converted here; a tensor by run, so that check sees it as it is. */
static bool masked_fill_infer(cd_call *call)
{
    const cd_tensor *x = call->in[CD_MASKED].tensor;
    if (!cd_infer_mask(call, &call->out[0].shape) || !check_value(call, x->dtype)) return false;
    call->out[0].dtype = x->dtype;
    call->need[CD_FILLING].apart = CD_APART;
    if (call->in[CD_FILLING].kind != CD_OPERAND_TENSOR) call->need[CD_FILLING].dtype = x->dtype;
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

static bool masked_fill_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_dtype dtype = launch->in[CD_MASKED].layout->dtype;
    const cd_array *value = &launch->in[CD_FILLING];
    const cd_array number = { &fault->number, &cd_number_layout[CD_F64] };
    if (value->layout->dtype == dtype) return true;
    cd_cpu_convert(&number, value);
    return cd_number_fits(dtype, !cd_is_floating(value->layout->dtype), fault->number);
}

static bool masked_fill_refuse(cd_call *call, const cd_fault *fault)
{
    return cd_refuse_number(call, call->in[CD_MASKED].tensor->dtype, fault->number);
}

static void masked_fill_run(const cd_launch *launch)
{
    int64_t bytes;
    const cd_array *x = &launch->in[CD_MASKED], *value = &launch->in[CD_FILLING];
    const cd_dtype dtype = x->layout->dtype;
    const cd_array converted = { &bytes, &cd_number_layout[dtype] };
    if (value->layout->dtype != dtype) {
        cd_cpu_convert(&converted, value);
        value = &converted;
    }
    const cd_array in[3] = { launch->in[CD_MASK], *value, *x };
    cd_cpu_apply(CD_MAP_where, &launch->out[0], 3, in);
}

/* --- calls ------------------------------------------------------------------------------------ */

static cd_tensor *fill(cd_tensor *x, cd_tensor *mask, cd_operand value, bool in_place)
{
    cd_call call;
    const cd_operand in[3] = { cd_operand_tensor(x), cd_operand_tensor(mask), value };
    const bool tensor = value.kind == CD_OPERAND_TENSOR;
    cd_call_begin(&call, tensor ? &cd_op_masked_fill_tensor : &cd_op_masked_fill, in, 3);
    call.in_place = in_place;
    return cd_call_run(&call);
}

cd_tensor *cd_masked_fill_with(cd_tensor *x, cd_tensor *mask, cd_operand value)
{
    return fill(x, mask, value, false);
}

cd_tensor *cd_masked_fill_with_(cd_tensor *x, cd_tensor *mask, cd_operand value)
{
    return fill(x, mask, value, true);
}

const cd_op cd_op_masked_fill = {
    .name = "masked_fill",
    .in_place_name = "masked_fill_",
    .grad_fn = "MaskedFillBackward0",
    .like = "x.masked_fill(mask, value)",
    .formula = "y = value where the mask is true, x elsewhere",
    .gradient = "dx = dy, but 0 where the mask is true; dvalue = the sum of dy where it is true",
    .dtypes = "all; the mask is bool",
    .inputs = 3,
    .numbers = CD_SET(CD_FILLING),
    .input = { "x", "mask", "value" },
    .save = { { CD_INPUT, CD_MASK } },
    .infer = masked_fill_infer,
    .cpu = { .run = masked_fill_run },
    .backward = masked_fill_backward,
};

const cd_op cd_op_masked_fill_tensor = {
    .name = "masked_fill",
    .in_place_name = "masked_fill_",
    .grad_fn = "MaskedFillBackward1",
    .formula = "as masked_fill",
    .gradient = "as masked_fill",
    .dtypes = "all; the mask is bool",
    .inputs = 3,
    .numbers = CD_SET(CD_FILLING),
    .input = { "x", "mask", "value" },
    .save = { { CD_INPUT, CD_MASK } },
    .infer = masked_fill_infer,
    .refuse = masked_fill_refuse,
    .cpu = { .check = masked_fill_check, .run = masked_fill_run },
    .backward = masked_fill_backward,
};
