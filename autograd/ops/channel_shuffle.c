/* channel_shuffle: the channels, in groups one after the other, so that the first of each group
 * come first.
 *
 * x and y are N x C x ..., and the groups divide C. Saves nothing. Kernel: a copy. */
#include "autograd/families/shuffle_internal.h"

static void channel_shuffle_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shuffle_attributes *a = cd_attributes_of(node);
    const int64_t channels = dy[0]->shape.dim[1];
    dx[0] = cd_channel_shuffle(dy[0], channels > 0 ? channels / a->factor : 1);
}

static bool channel_shuffle_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_infer_shuffle(call, "groups")) return false;
    const int64_t groups = ((const cd_shuffle_attributes *)call->launch.attributes)->factor;
    const cd_shape *x = &call->in[0].tensor->shape;
    return x->dim[1] % groups == 0 ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "x (%s) has %lld channels, which %lld groups do not divide",
                     cd_sizes_text(x, text), (long long)x->dim[1], (long long)groups);
}

static void channel_shuffle_run(const cd_launch *launch)
{
    const cd_shape *x = &launch->in[0].layout->shape;
    const int64_t groups = ((const cd_shuffle_attributes *)launch->attributes)->factor;
    const int64_t each = x->dim[1] / groups, rest = cd_shuffle_span(x, 2, x->ndim);
    cd_run_shuffle(launch, CD_SHAPE(x->dim[0], each, groups, rest),
                   (int64_t[]){ x->dim[1] * rest, rest, each * rest, 1 });
}

cd_tensor *cd_channel_shuffle(cd_tensor *x, int64_t groups)
{
    return cd_shuffle(&cd_op_channel_shuffle, x, groups);
}

const cd_op cd_op_channel_shuffle = {
    .name = "channel_shuffle",
    .grad_fn = "ChannelShuffleBackward0",
    .like = "torch.nn.functional.channel_shuffle(x, groups)",
    .formula = "y[n, k groups + g, ...] = x[n, g C / groups + k, ...]",
    .gradient = "dx = channel_shuffle(dy, C / groups)",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_shuffle_attributes, cd_shuffle_fields),
    .infer = channel_shuffle_infer,
    .cpu = { .run = channel_shuffle_run },
    .backward = channel_shuffle_backward,
};
