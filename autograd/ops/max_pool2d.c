/* max_pool2d: the maximum of each window of the image, and its index, which is the second output.
 *
 * x is N x C x H x W or C x H x W. Padding counts as -inf; NaN is larger than anything. An index
 * counts the pixels of its plane, row by row. Saves the indices. Kernel: core/cpu/pool.c. */
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
    char text[CD_SHAPE_TEXT];
    cd_pool2d_sizes *pool = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_planes(call, x)) return false;
    cd_pool_planes(x->shape, pool);
    const char *wrong = cd_pool2d_sizes_complete(pool);
    if (wrong) {
        return cd_refuse(
            call, CD_ERR_SHAPE, "%s: x %s, kernel %lld, stride %lld, padding %lld, dilation %lld",
            wrong, cd_sizes_text(&x->shape, text), (long long)pool->kernel_h,
            (long long)pool->stride_h, (long long)pool->padding_h, (long long)pool->dilation_h);
    }
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = cd_pool_resized(x->shape, pool->out_h, pool->out_w);
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
    const int64_t stride = o.stride ? o.stride : o.kernel, dilation = o.dilation ? o.dilation : 1;
    cd_pool2d_sizes pool = { .kernel_h = o.kernel,
                             .kernel_w = o.kernel,
                             .stride_h = stride,
                             .stride_w = stride,
                             .padding_h = o.padding,
                             .padding_w = o.padding,
                             .dilation_h = dilation,
                             .dilation_w = dilation,
                             .ceil_mode = o.ceil_mode };
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
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .outputs = 2,
    .save = { { CD_OUTPUT, 1 } },
    CD_OP_ATTRIBUTES(cd_pool2d_sizes, fields),
    .infer = max_pool2d_infer,
    .cpu = { .run = max_pool2d_run },
    .backward = max_pool2d_backward,
};
