/* masked_select: the elements of x where a mask is true, row by row, as a vector: x[mask].
 *
 * x and the bool mask broadcast. The length of the result depends on the elements of the mask:
 * measure counts it. Saves the mask. Kernel: core/cpu/masked.c. */
#include "autograd/families/masks_internal.h"
#include "core/cpu/masked_internal.h"

static void masked_select_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *zeros = cd_zeros(node->input[CD_MASKED].shape, .dtype = dy[0]->dtype,
                                .device = cd_tensor_device(dy[0]));
    dx[CD_MASKED] = cd_masked_scatter(zeros, cd_saved_value(node, 0), dy[0]);
}

static bool masked_select_infer(cd_call *call)
{
    if (!cd_infer_mask(call, &call->stretched)) return false;
    call->need[CD_MASKED].order = call->need[CD_MASK].order = CD_STRETCHED;
    call->out[0].dtype = call->in[CD_MASKED].tensor->dtype;
    call->out[0].shape = CD_SHAPE(CD_MEASURED);
    return true;
}

static int64_t masked_select_measure(const cd_launch *launch)
{
    const cd_array *mask = &launch->in[CD_MASK];
    return cd_cpu_mask_count(mask->data, mask->layout->numel);
}

static void masked_select_run(const cd_launch *launch)
{
    const cd_array *y = &launch->out[0];
    cd_cpu_masked_select(y->layout->dtype, launch->in[CD_MASK].data, y->layout->numel,
                         launch->in[CD_MASKED].data, y->data);
}

cd_tensor *cd_masked_select(cd_tensor *x, cd_tensor *mask)
{
    return cd_op_apply(&cd_op_masked_select, x, mask);
}

const cd_op cd_op_masked_select = {
    .name = "masked_select",
    .grad_fn = "MaskedSelectBackward0",
    .like = "torch.masked_select(x, mask), x[mask]",
    .formula = "y = the elements of x where the mask is true, row by row",
    .gradient = "dx = zeros, with dy where the mask is true",
    .dtypes = "all; the mask is bool",
    .inputs = 2,
    .input = { "x", "mask" },
    .save = { { CD_INPUT, CD_MASK } },
    .infer = masked_select_infer,
    .cpu = { .measure = masked_select_measure, .run = masked_select_run },
    .backward = masked_select_backward,
};
