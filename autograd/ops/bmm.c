/* bmm: the products of two batches of matrices, a of B x N x K and b of B x K x M; y is B x N x M.
 *
 * Saves b for the gradient of a, and a for that of b. Kernel: core/cpu/gemm.c, for each matrix of
 * the batch. */
#include "autograd/families/product_internal.h"

enum { A, B };
enum { SAVED_A, SAVED_B };

static void bmm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) {
        dx[A] = cd_bmm(dy[0], cd_transpose(cd_saved_value(node, SAVED_B), 1, 2));
    }
    if (cd_wanted(node, B)) {
        dx[B] = cd_bmm(cd_transpose(cd_saved_value(node, SAVED_A), 1, 2), dy[0]);
    }
}

static bool bmm_infer(cd_call *call)
{
    return cd_infer_products(call, A);
}

static void bmm_run(const cd_launch *launch)
{
    cd_run_products(&launch->in[A], &launch->in[B], &launch->out[0], 1, 0);
}

cd_tensor *cd_bmm(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_bmm, a, b);
}

const cd_op cd_op_bmm = {
    .name = "bmm",
    .grad_fn = "BmmBackward0",
    .like = "torch.bmm(a, b)",
    .formula = "y[i] = a[i] b[i]",
    .gradient = "da[i] = dy[i] b[i]^T, db[i] = a[i]^T dy[i]",
    .dtypes = "all but bool, the same for both",
    .inputs = 2,
    .input = { "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    .infer = bmm_infer,
    .cpu = { .run = bmm_run },
    .backward = bmm_backward,
};
