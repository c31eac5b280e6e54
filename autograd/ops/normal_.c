/* normal_: fills x, in place, with random numbers of a normal distribution. They are those of
 * PyTorch's Tensor.normal_ for the same seed.
 *
 * They are drawn in the order in which the elements of x lie in memory. Saves nothing. Kernel:
 * core/random_draw.c. */
#include "autograd/families/gradients_internal.h"
#include "autograd/families/random_internal.h"

static const cd_field fields[] = { { "mean", CD_FIELD_REAL, offsetof(cd_draw, a) },
                                   { "std", CD_FIELD_REAL, offsetof(cd_draw, b) },
                                   CD_FIELDS_END };

cd_tensor *cd_normal_with_(cd_normal_options o)
{
    return cd_draw_in_place(&cd_op_normal_, o.x, (cd_draw){ CD_DRAW_NORMAL, o.mean, o.std },
                            o.generator);
}

const cd_op cd_op_normal_ = {
    .name = "normal_",
    .grad_fn = "NormalBackward0",
    .like = "x.normal_(mean, std)",
    .formula = "x = normal of this mean and standard deviation, in place",
    .gradient = "dx = 0",
    .dtypes = "floating",
    .random = true,
    .overwrites = true,
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_draw, fields),
    .infer = cd_infer_draw,
    .cpu = { .run = cd_run_draw },
    .backward = cd_zero_backward,
};
