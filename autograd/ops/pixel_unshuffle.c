/* pixel_unshuffle: squares of f^2 pixels become f^2 channels of one pixel each.
 *
 * x is ... x C x H f x W f, y is ... x C f^2 x H x W, also where x is empty; PyTorch returns such
 * an x with the shape that it has. Saves nothing. Kernel: a copy. */
#include "autograd/families/shuffle_internal.h"

static void pixel_unshuffle_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shuffle_attributes *a = cd_attributes_of(node);
    dx[0] = cd_pixel_shuffle(dy[0], a->factor);
}

static bool pixel_unshuffle_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_infer_shuffle(call, "the factor")) return false;
    const int64_t f = ((const cd_shuffle_attributes *)call->launch.attributes)->factor;
    cd_shape *y = &call->out[0].shape;
    int64_t *size = y->dim + y->ndim - 3;
    if (size[1] % f != 0 || size[2] % f != 0) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x (%s) has %lldx%lld pixels, which the factor %lld does not divide",
                         cd_sizes_text(y, text), (long long)size[1], (long long)size[2],
                         (long long)f);
    }
    size[1] /= f;
    size[2] /= f;
    return (!__builtin_mul_overflow(size[0], f, &size[0]) &&
            !__builtin_mul_overflow(size[0], f, &size[0])) ||
           cd_refuse(call, CD_ERR_SHAPE, "the factor %lld is too large", (long long)f);
}

static void pixel_unshuffle_run(const cd_launch *launch)
{
    const cd_shape *x = &launch->in[0].layout->shape;
    const int64_t f = ((const cd_shuffle_attributes *)launch->attributes)->factor;
    const int64_t *size = x->dim + x->ndim - 3; /* C, H f, W f */
    const int64_t plane = size[1] * size[2];
    cd_run_shuffle(
        launch,
        CD_SHAPE(cd_shuffle_span(x, 0, x->ndim - 3), size[0], f, f, size[1] / f, size[2] / f),
        (int64_t[]){ size[0] * plane, plane, size[2], 1, f * size[2], f });
}

cd_tensor *cd_pixel_unshuffle(cd_tensor *x, int64_t factor)
{
    return cd_shuffle(&cd_op_pixel_unshuffle, x, factor);
}

const cd_op cd_op_pixel_unshuffle = {
    .name = "pixel_unshuffle",
    .grad_fn = "PixelUnshuffleBackward0",
    .like = "torch.nn.functional.pixel_unshuffle(x, f)",
    .formula = "y[..., c f^2 + p f + q, h, w] = x[..., c, h f + p, w f + q]",
    .gradient = "dx = pixel_shuffle(dy)",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_shuffle_attributes, cd_shuffle_fields),
    .infer = pixel_unshuffle_infer,
    .cpu = { .run = pixel_unshuffle_run },
    .backward = pixel_unshuffle_backward,
};
