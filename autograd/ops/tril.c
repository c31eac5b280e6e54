/* tril: the elements of matrices, the last two dimensions, on and below a diagonal, and 0 above it.
 *
 * Saves nothing. Kernel: fill, in core/cpu/select.c, for each row of all matrices. */
#include "autograd/families/triangle_internal.h"

static void tril_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_triangle_attributes *a = cd_attributes_of(node);
    dx[0] = cd_tril(dy[0], a->diagonal);
}

static void tril_run(const cd_launch *launch)
{
    cd_run_triangle(launch, false);
}

cd_tensor *cd_tril(cd_tensor *x, int64_t diagonal)
{
    cd_triangle_attributes a = { diagonal };
    return cd_op_with(&cd_op_tril, &a, x);
}

cd_tensor *cd_tril_(cd_tensor *x, int64_t diagonal)
{
    cd_triangle_attributes a = { diagonal };
    return cd_op_in_place_with(&cd_op_tril, &a, x);
}

const cd_op cd_op_tril = {
    .name = "tril",
    .in_place_name = "tril_",
    .grad_fn = "TrilBackward0",
    .like = "torch.tril(x, diagonal)",
    .formula = "y[.., i, j] = x[.., i, j] where j <= i + diagonal, else 0",
    .gradient = "dx = dy, but 0 above the diagonal",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_triangle_attributes, cd_triangle_fields),
    .infer = cd_infer_triangle,
    .cpu = { .run = tril_run },
    .backward = tril_backward,
};
