/* triu: the elements of matrices, the last two dimensions, on and above a diagonal, and 0 below it.
 *
 * Saves nothing. Kernel: fill, in core/cpu/select.c, for each row of all matrices. */
#include "autograd/families/triangle_internal.h"

static void triu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_triangle_attributes *a = cd_attributes_of(node);
    dx[0] = cd_triu(dy[0], a->diagonal);
}

static void triu_run(const cd_launch *launch)
{
    cd_run_triangle(launch, true);
}

cd_tensor *cd_triu(cd_tensor *x, int64_t diagonal)
{
    cd_triangle_attributes a = { diagonal };
    return cd_op_with(&cd_op_triu, &a, x);
}

cd_tensor *cd_triu_(cd_tensor *x, int64_t diagonal)
{
    cd_triangle_attributes a = { diagonal };
    return cd_op_in_place_with(&cd_op_triu, &a, x);
}

const cd_op cd_op_triu = {
    .name = "triu",
    .in_place_name = "triu_",
    .grad_fn = "TriuBackward0",
    .like = "torch.triu(x, diagonal)",
    .formula = "y[.., i, j] = x[.., i, j] where j >= i + diagonal, else 0",
    .gradient = "dx = dy, but 0 below the diagonal",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_triangle_attributes, cd_triangle_fields),
    .infer = cd_infer_triangle,
    .cpu = { .run = triu_run },
    .backward = triu_backward,
};
