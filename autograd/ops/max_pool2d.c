/* max_pool2d: the maximum of each window of the image, and its index, which is the second output.
 *
 * x is N x C x H x W or C x H x W. Padding counts as -inf, of integers as the least number; NaN is
 * larger than anything. An index counts the pixels of its plane, row by row. Saves the indices.
 * Kernel: core/cpu/pool.c. */
#include "autograd/families/min_max_internal.h"
#include "autograd/families/pool_internal.h"
#include "core/cpu/pool_internal.h"

static const cd_field fields[] = {
    { "kernel", CD_FIELD_PAIR, offsetof(cd_pool2d_sizes, kernel_h) },
    { "stride", CD_FIELD_PAIR, offsetof(cd_pool2d_sizes, stride_h) },
    { "padding", CD_FIELD_PAIR, offsetof(cd_pool2d_sizes, padding_h) },
    { "dilation", CD_FIELD_PAIR, offsetof(cd_pool2d_sizes, dilation_h) },
    CD_FIELD(cd_pool2d_sizes, ceil_mode, BOOL),
    CD_FIELDS_END
};

static void max_pool2d_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_max_pool2d_backward(dy[0], cd_saved_value(node, 0), node->input[0].shape);
}

static bool max_pool2d_infer(cd_call *call)
{
    if (!cd_infer_pool2d(call)) return false;
    call->out[1].dtype = CD_I64;
    call->out[1].shape = call->out[0].shape;
    return true;
}

static void max_pool2d_run(const cd_launch *launch)
{
    cd_cpu_max_pool2d(launch->attributes, launch->in[0].layout->dtype, launch->in[0].data,
                      launch->out[0].data, launch->out[1].data);
}

cd_tensor *cd_max_pool2d_with(cd_max_pool2d_options o)
{
    cd_pool2d_sizes pool = { .planes = 0 };
    const cd_pool_window_options window = { .kernel = o.kernel,
                                            .stride = o.stride,
                                            .padding = o.padding,
                                            .dilation = o.dilation,
                                            .kernel_w = o.kernel_w,
                                            .stride_w = o.stride_w,
                                            .padding_w = o.padding_w,
                                            .dilation_w = o.dilation_w,
                                            .padding_w_is_zero = o.padding_w_is_zero,
                                            .ceil_mode = o.ceil_mode };
    if (!cd_check_no_return_indices("max_pool2d", o.return_indices) ||
        !cd_pool_window_complete("max_pool2d", &window, &pool)) {
        return NULL;
    }
    return cd_op_with_indices(&cd_op_max_pool2d, &pool, o.x, o.indices);
}

const cd_op cd_op_max_pool2d = {
    .name = "max_pool2d",
    .grad_fn = "MaxPool2DWithIndicesBackward0",
    .like = "torch.nn.functional.max_pool2d(x, kernel, stride, padding, dilation, ceil_mode)",
    .formula =
        "y[c,i,j] = max over p, q of x[c, i stride - padding + p dilation, j stride - padding + "
        "q dilation]",
    .gradient = "dx = dy added at the index of each maximum, 0 elsewhere",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_NUMERIC,
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_pool2d_sizes, fields),
    .infer = max_pool2d_infer,
    .cpu = { .run = max_pool2d_run },
    .backward = max_pool2d_backward,
};
