/* dropout: each element of x becomes 0 with probability p; the others are divided by 1 - p.
 *
 * The noise is drawn in the order in which the elements of x lie in memory, as PyTorch's CPU build
 * draws it without Intel's generator. Saves the noise. Kernels: core/random_draw.c, and mul of
 * core/cpu/. */
#include "autograd/families/dropout_internal.h"

cd_tensor *cd_dropout_with(cd_dropout_options o)
{
    return cd_dropout_call(&cd_op_dropout, "dropout", &o, 0, false);
}

cd_tensor *cd_dropout_with_(cd_dropout_options o)
{
    return cd_dropout_call(&cd_op_dropout, "dropout", &o, 0, true);
}

const cd_op cd_op_dropout = {
    .name = "dropout",
    .grad_fn = "MulBackward0",
    .like = "torch.nn.functional.dropout(x, p)",
    .formula = "y = x noise, with a noise of 0 with probability p, else 1 / (1 - p)",
    .gradient = "dx = dy noise",
    CD_DROPOUT_OP,
    .cpu = { .workspace = cd_dropout_workspace, .run = cd_run_dropout },
};
