/* pixel_shuffle: f^2 channels become one channel of f times as many rows and columns.
 *
 * x is ... x C f^2 x H x W, y is ... x C x H f x W f. Saves nothing. Kernel: a copy. */
#include "autograd/families/shuffle_internal.h"

static void pixel_shuffle_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shuffle_attributes *a = cd_attributes_of(node);
    dx[0] = cd_pixel_unshuffle(dy[0], a->factor);
}

static bool pixel_shuffle_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_infer_shuffle(call, "the factor")) return false;
    const int64_t f = ((const cd_shuffle_attributes *)call->launch.attributes)->factor;
    cd_shape *y = &call->out[0].shape;
    int64_t square, *size = y->dim + y->ndim - 3;
    if (__builtin_mul_overflow(f, f, &square) || size[0] % square != 0) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x (%s) has %lld channels, which the square of the factor, %lld, does "
                         "not divide",
                         cd_sizes_text(y, text), (long long)size[0], (long long)f);
    }
    size[0] /= square;
    return (!__builtin_mul_overflow(size[1], f, &size[1]) &&
            !__builtin_mul_overflow(size[2], f, &size[2])) ||
           cd_refuse(call, CD_ERR_SHAPE, "the factor %lld is too large", (long long)f);
}

static void pixel_shuffle_run(const cd_launch *launch)
{
    const cd_shape *x = &launch->in[0].layout->shape;
    const int64_t f = ((const cd_shuffle_attributes *)launch->attributes)->factor;
    const int64_t *size = x->dim + x->ndim - 3; /* C f^2, H, W */
    const int64_t plane = size[1] * size[2];
    cd_run_shuffle(
        launch,
        CD_SHAPE(cd_shuffle_span(x, 0, x->ndim - 3), size[0] / (f * f), size[1], f, size[2], f),
        (int64_t[]){ size[0] * plane, f * f * plane, size[2], f * plane, 1, plane });
}

cd_tensor *cd_pixel_shuffle(cd_tensor *x, int64_t factor)
{
    return cd_shuffle(&cd_op_pixel_shuffle, x, factor);
}

const cd_op cd_op_pixel_shuffle = {
    .name = "pixel_shuffle",
    .grad_fn = "PixelShuffleBackward0",
    .like = "torch.nn.functional.pixel_shuffle(x, f)",
    .formula = "y[..., c, h f + p, w f + q] = x[..., c f^2 + p f + q, h, w]",
    .gradient = "dx = pixel_unshuffle(dy)",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_shuffle_attributes, cd_shuffle_fields),
    .infer = pixel_shuffle_infer,
    .cpu = { .run = pixel_shuffle_run },
    .backward = pixel_shuffle_backward,
};
