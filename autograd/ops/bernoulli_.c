/* bernoulli_: fills x, in place, with random numbers that are 1 with probability p, else 0. They
 * are those of PyTorch's Tensor.bernoulli_ for the same seed.
 *
 * They are drawn in the order in which the elements of x lie in memory. Saves nothing. Kernel:
 * core/random_draw.c. */
#include "autograd/families/gradients_internal.h"
#include "autograd/families/random_internal.h"

static const cd_field fields[] = { { "p", CD_FIELD_REAL, offsetof(cd_draw, a) }, CD_FIELDS_END };

cd_tensor *cd_bernoulli_with_(cd_bernoulli_in_place_options o)
{
    return cd_draw_in_place(&cd_op_bernoulli_, o.x, (cd_draw){ CD_DRAW_BERNOULLI, o.p, 0 },
                            o.generator);
}

const cd_op cd_op_bernoulli_ = {
    .name = "bernoulli_",
    .grad_fn = "BernoulliBackward2",
    .like = "x.bernoulli_(p)",
    .formula = "x = 1 with probability p, else 0, in place",
    .gradient = "dx = 0",
    .dtypes = "all",
    .random = true,
    .overwrites = true,
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_draw, fields),
    .infer = cd_infer_draw,
    .cpu = { .run = cd_run_draw },
    .backward = cd_zero_backward,
};
