/* autograd/ops/normal_.c
 *
 *   x = normal of this mean and standard deviation, in place          dx = 0
 *
 * Floating dtypes; drawn in the order in which x lies in memory. Saves nothing. */
#include "autograd/op_internal.h"

cd_tensor *cd_normal_with_(cd_normal_options o)
{
    return cd_op_draw(&cd_op_normal_, o.x, &(cd_draw){ CD_DRAW_NORMAL, o.mean, o.std },
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
    .backward = cd_zero_backward,
};
