#include "autograd/masks_internal.h"

#include "autograd/ops_internal.h"
#include "core/dtype_internal.h"

bool cd_op_check_mask(cd_old_call *call, const cd_tensor *x, const cd_tensor *mask, cd_shape *shape)
{
    char text_x[CD_SHAPE_TEXT], text_mask[CD_SHAPE_TEXT];
    if (mask->dtype != CD_BOOL) {
        return cd_op_fail(call, CD_ERR_DTYPE,
                          "the mask is %s, and must be bool, as comparisons give it",
                          cd_dtype_name(mask->dtype));
    }
    bool fits = cd_shape_broadcast(x->shape, mask->shape, shape);
    if (fits && (!call->in_place || cd_shape_equal(*shape, x->shape))) return true;
    (void)cd_shape_text(x->shape, text_x);
    (void)cd_shape_text(mask->shape, text_mask);
    if (call->in_place) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "the mask (%s) does not broadcast to x (%s), which is changed in place",
                          text_mask, text_x);
    }
    return cd_op_fail(call, CD_ERR_SHAPE,
                      "x (%s) and the mask (%s) do not broadcast: aligned at the last dimension, "
                      "sizes must be equal or 1",
                      text_x, text_mask);
}

cd_tensor *cd_op_stretch(cd_old_call *call, cd_tensor *t, cd_shape shape)
{
    if (call->failed) return NULL;
    bool written = call->in_place && t->storage == call->output[0]->storage;
    if (t->contiguous && cd_shape_equal(t->shape, shape) && !written) return t;
    cd_tensor *copy = cd_op_temporary(call, t->dtype, shape);
    if (copy) cd_map_convert(copy, t);
    return copy;
}

/* --- masked_fill ------------------------------------------------------------------------------ */

/* As PyTorch takes them: a fraction is cut off, what is out of range is refused. */
static bool takes(const cd_tensor *x, cd_operand value, double *number)
{
    bool whole = value.kind == CD_OPERAND_BOOL || value.kind == CD_OPERAND_INTEGER;
    *number = value.number;
    if (value.kind == CD_OPERAND_TENSOR) {
        whole = !cd_dtype_is_floating(value.tensor->dtype);
        *number = cd_item(value.tensor);
    }
    return (whole && x->dtype == CD_I64) || cd_dtype_takes(x->dtype, *number);
}

cd_tensor *cd_op_mask_value(cd_old_call *call, const cd_tensor *x, cd_operand value)
{
    char text[CD_SHAPE_TEXT];
    double number;
    if (call->failed) return NULL;
    cd_tensor *t = cd_operand_input(value);
    if (t && t->shape.ndim > 0) {
        (void)cd_op_fail(call, CD_ERR_SHAPE,
                         "the value has shape %s, and must be a number or a tensor without "
                         "dimensions",
                         cd_shape_text(t->shape, text));
        return NULL;
    }
    if (!takes(x, value, &number)) {
        (void)cd_op_fail(call, CD_ERR_ARGUMENT, "%g is not among the numbers of %s", number,
                         cd_dtype_name(x->dtype));
        return NULL;
    }
    return t && t->storage == x->storage ? cd_op_copy(call, t, x->dtype)
                                         : cd_op_operand(call, value, x->dtype);
}

void cd_masked_fill_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *mask = cd_saved_value(node, 0);
    if (cd_wanted(node, 0)) dx[0] = cd_masked_fill(dy[0], mask, 0);
    if (cd_wanted(node, 2)) dx[2] = cd_where(mask, dy[0], 0);
}

/* --- masked_scatter --------------------------------------------------------------------------- */

bool cd_op_plan_masked_scatter(cd_old_call *call, const cd_tensor *x, cd_tensor *mask,
                               cd_tensor *source, cd_shape shape, cd_masked_scatter_plan *plan)
{
    char text[CD_SHAPE_TEXT], text_source[CD_SHAPE_TEXT];
    if (source->dtype != x->dtype) {
        return cd_op_fail(call, CD_ERR_DTYPE,
                          "the source is %s, and x %s: they must be of one dtype",
                          cd_dtype_name(source->dtype), cd_dtype_name(x->dtype));
    }
    plan->mask = cd_op_stretch(call, mask, shape);
    plan->source = cd_op_stretch(call, source, source->shape);
    if (call->failed) return false;
    const uint8_t *chosen = (const uint8_t *)cd_tensor_data(plan->mask);
    plan->count = cd_cpu_mask_count(chosen, plan->mask->numel);
    return plan->count <= source->numel ||
           cd_op_fail(call, CD_ERR_SHAPE,
                      "the mask (%s) chooses %lld elements, and the source (%s) has only %lld",
                      cd_shape_text(mask->shape, text), (long long)plan->count,
                      cd_shape_text(source->shape, text_source), (long long)source->numel);
}

void cd_op_masked_scatter_into(cd_tensor *to, const cd_masked_scatter_plan *plan)
{
    cd_cpu_masked_scatter(to->dtype, (const uint8_t *)cd_tensor_data(plan->mask), plan->count,
                          cd_tensor_data(plan->source), cd_tensor_data(to));
}

/* The gradient of the source: dy where the mask is true, one after the other, then zeros. */
static cd_tensor *source_gradient(cd_tensor *dy, cd_tensor *mask, cd_shape shape)
{
    int64_t elements = 0;
    cd_tensor *chosen = cd_masked_select(dy, mask);
    if (!chosen || !cd_shape_elements(shape, &elements)) return NULL;
    if (chosen->numel < elements) {
        chosen = cd_slice_backward(chosen, CD_SHAPE(elements), 0, 0, chosen->numel, 1);
    }
    return cd_reshape(chosen, shape);
}

void cd_masked_scatter_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *mask = cd_saved_value(node, 0);
    if (!mask) return;
    if (cd_wanted(node, 0)) dx[0] = cd_masked_fill(dy[0], mask, 0);
    if (cd_wanted(node, 2)) dx[2] = source_gradient(dy[0], mask, cd_input_shape(node, 2));
}
