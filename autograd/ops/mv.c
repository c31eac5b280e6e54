/* mv: the product of a matrix a of N x K and a vector v of K elements; y has N.
 *
 * Saves v for the gradient of a, and a for that of v. Kernel: core/cpu/gemm.c, with v as a matrix
 * of one column. */
#include "autograd/families/product_internal.h"

enum { A, V };
enum { SAVED_A, SAVED_V };

static void mv_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) {
        dx[A] = cd_mul(cd_unsqueeze(dy[0], 1), cd_unsqueeze(cd_saved_value(node, SAVED_V), 0));
    }
    if (cd_wanted(node, V)) dx[V] = cd_mv(cd_t(cd_saved_value(node, SAVED_A)), dy[0]);
}

static bool mv_infer(cd_call *call)
{
    return cd_infer_mv(call, A);
}

static void mv_run(const cd_launch *launch)
{
    const cd_array *y = &launch->out[0];
    cd_gemm_call product;
    cd_product_with_vector(&launch->in[A], &launch->in[V], y, &product);
    cd_cpu_gemm(y->layout->dtype, &product);
}

cd_tensor *cd_mv(cd_tensor *a, cd_tensor *v)
{
    return cd_op_apply(&cd_op_mv, a, v);
}

const cd_op cd_op_mv = {
    .name = "mv",
    .grad_fn = "MvBackward0",
    .like = "torch.mv(a, v)",
    .formula = "y = a v",
    .gradient = "da = dy v^T, dv = a^T dy",
    .dtypes = "all but bool, the same for both",
    .inputs = 2,
    .input = { "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(V) }, [SAVED_V] = { CD_INPUT, V, CD_SET(A) } },
    .infer = mv_infer,
    .cpu = { .run = mv_run },
    .backward = mv_backward,
};
