/* masked_scatter: x, with the elements of a source in order where a mask is true.
 *
 * x and the bool mask broadcast; in place the mask to x, as in x[mask] = source. The source has any
 * shape, and at least as many elements as the mask chooses; elements that are left over have a
 * gradient of 0.
 *
 * Saves the mask. Kernel: core/cpu/masked.c. */
#include "autograd/families/masks_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/cpu/masked_internal.h"

/* The gradient of the source: dy where the mask is true, one after the other, then zeros. */
static cd_tensor *source_gradient(cd_tensor *dy, cd_tensor *mask, cd_shape shape)
{
    int64_t elements = 0;
    cd_tensor *selected = cd_masked_select(dy, mask);
    if (!selected || !cd_shape_elements(shape, &elements)) return NULL;
    if (selected->numel < elements) {
        selected = cd_slice_backward(selected, CD_SHAPE(elements), 0, 0, selected->numel, 1);
    }
    return cd_reshape(selected, shape);
}

static void masked_scatter_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *mask = cd_saved_value(node, 0);
    if (!mask) return;
    if (cd_wanted(node, CD_MASKED)) dx[CD_MASKED] = cd_masked_fill(dy[0], mask, 0);
    if (cd_wanted(node, CD_FILLING)) {
        dx[CD_FILLING] = source_gradient(dy[0], mask, node->input[CD_FILLING].shape);
    }
}

static bool masked_scatter_infer(cd_call *call)
{
    const cd_tensor *x = call->in[CD_MASKED].tensor, *source = call->in[CD_FILLING].tensor;
    if (!cd_infer_mask(call, &call->stretched)) return false;
    if (source->dtype != x->dtype) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "the source is %s, and x %s: they must be of one dtype",
                         cd_dtype_name(source->dtype), cd_dtype_name(x->dtype));
    }
    call->need[CD_MASK].order = CD_STRETCHED;
    call->need[CD_FILLING] = (cd_need){ .order = CD_ROW_MAJOR, .apart = CD_APART };
    call->out[0].dtype = x->dtype;
    call->out[0].shape = call->stretched;
    call->out[0].must_be_contiguous = true;
    return true;
}

static int64_t chosen(const cd_launch *launch)
{
    const cd_array *mask = &launch->in[CD_MASK];
    return cd_cpu_mask_count(mask->data, mask->layout->numel);
}

static bool masked_scatter_check(const cd_launch *launch, cd_fault *fault)
{
    fault->integer = chosen(launch);
    return fault->integer <= launch->in[CD_FILLING].layout->numel;
}

static bool masked_scatter_refuse(cd_call *call, const cd_fault *fault)
{
    char text[CD_SHAPE_TEXT], text_source[CD_SHAPE_TEXT];
    const cd_tensor *mask = call->in[CD_MASK].tensor, *source = call->in[CD_FILLING].tensor;
    return cd_refuse(call, CD_ERR_SHAPE,
                     "the mask (%s) chooses %lld elements, and the source (%s) has only %lld",
                     cd_sizes_text(&mask->shape, text), (long long)fault->integer,
                     cd_sizes_text(&source->shape, text_source), (long long)source->numel);
}

static void masked_scatter_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[CD_MASKED], *y = &launch->out[0];
    (void)cd_cpu_start_from(y, x);
    cd_cpu_masked_scatter(y->layout->dtype, launch->in[CD_MASK].data, chosen(launch),
                          launch->in[CD_FILLING].data, y->data);
}

cd_tensor *cd_masked_scatter(cd_tensor *x, cd_tensor *mask, cd_tensor *source)
{
    return cd_op_apply(&cd_op_masked_scatter, x, mask, source);
}

cd_tensor *cd_masked_scatter_(cd_tensor *x, cd_tensor *mask, cd_tensor *source)
{
    return cd_op_in_place(&cd_op_masked_scatter, x, mask, source);
}

const cd_op cd_op_masked_scatter = {
    .name = "masked_scatter",
    .in_place_name = "masked_scatter_",
    .grad_fn = "MaskedScatterBackward0",
    .like = "x.masked_scatter(mask, source)",
    .formula = "y = x, but the elements of source in order where the mask is true",
    .gradient = "dx = dy, but 0 where the mask is true; dsource = dy where it is true, then 0",
    .dtypes = "all, the same for x and source; the mask is bool",
    .inputs = 3,
    .input = { "x", "mask", "source" },
    .save = { { CD_INPUT, CD_MASK } },
    .infer = masked_scatter_infer,
    .refuse = masked_scatter_refuse,
    .cpu = { .check = masked_scatter_check, .run = masked_scatter_run },
    .backward = masked_scatter_backward,
};
