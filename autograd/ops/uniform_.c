/* uniform_: fills x, in place, with uniform random numbers between two ends. They are those of
 * PyTorch's Tensor.uniform_ for the same seed.
 *
 * They are drawn in the order in which the elements of x lie in memory. Saves nothing. Kernel:
 * core/random_draw.c. */
#include "autograd/families/gradients_internal.h"
#include "autograd/families/random_internal.h"

static const cd_field fields[] = { { "from", CD_FIELD_REAL, offsetof(cd_draw, a) },
                                   { "to", CD_FIELD_REAL, offsetof(cd_draw, b) },
                                   CD_FIELDS_END };

cd_tensor *cd_uniform_with_(cd_uniform_options o)
{
    return cd_draw_in_place(&cd_op_uniform_, o.x, (cd_draw){ CD_DRAW_UNIFORM, o.from, o.to },
                            o.generator);
}

const cd_op cd_op_uniform_ = {
    .name = "uniform_",
    .grad_fn = "UniformBackward0",
    .like = "x.uniform_(from, to)",
    .formula = "x = uniform in [from, to), in place",
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
