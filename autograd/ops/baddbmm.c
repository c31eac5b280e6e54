/* baddbmm: beta times a bias plus alpha times the products of two batches of matrices, a of
 * B x N x K and b of B x K x M; the bias broadcasts to B x N x M, the shape of y. With a beta of 0
 * the bias is not read.
 *
 * Saves b for the gradient of a, and a for that of b. Kernels: the bias is copied to y, to which
 * core/cpu/gemm.c then adds the products. */
#include "autograd/families/arithmetic_internal.h"
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"
#include "core/cpu/elementwise_internal.h"

enum { BIAS, A, B };
enum { SAVED_A, SAVED_B };

static void baddbmm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_weighted_attributes *p = cd_attributes_of(node);
    if (cd_wanted(node, BIAS)) dx[BIAS] = cd_times(dy[0], p->beta);
    if (cd_wanted(node, A)) {
        cd_tensor *b = cd_transpose(cd_saved_value(node, SAVED_B), 1, 2);
        dx[A] = cd_times(cd_bmm(dy[0], b), p->alpha);
    }
    if (cd_wanted(node, B)) {
        cd_tensor *a = cd_transpose(cd_saved_value(node, SAVED_A), 1, 2);
        dx[B] = cd_times(cd_bmm(a, dy[0]), p->alpha);
    }
}

static bool baddbmm_infer(cd_call *call)
{
    return cd_infer_products(call, A) && cd_infer_weighted(call);
}

static void baddbmm_run(const cd_launch *launch)
{
    const cd_weighted_attributes *p = launch->attributes;
    const cd_array *y = &launch->out[0];
    if (p->beta != 0) (void)cd_cpu_start_from(y, &launch->in[BIAS]);
    cd_run_products(&launch->in[A], &launch->in[B], y, p->alpha, p->beta);
}

cd_tensor *cd_baddbmm_with(cd_addmm_options o)
{
    cd_weighted_attributes p = cd_weighted_attributes_of(&o);
    return cd_op_with(&cd_op_baddbmm, &p, o.bias, o.a, o.b);
}

cd_tensor *cd_baddbmm_with_(cd_addmm_options o)
{
    cd_weighted_attributes p = cd_weighted_attributes_of(&o);
    return cd_op_in_place_with(&cd_op_baddbmm, &p, o.bias, o.a, o.b);
}

const cd_op cd_op_baddbmm = {
    .name = "baddbmm",
    .grad_fn = "BaddbmmBackward0",
    .like = "torch.baddbmm(bias, a, b, beta, alpha)",
    .formula = "y[i] = beta bias[i] + alpha a[i] b[i]",
    .gradient = "dbias = beta dy summed over what was broadcast, da[i] = alpha dy[i] b[i]^T, "
                "db[i] = alpha a[i]^T dy[i]",
    .dtypes = "all but bool, the same for all",
    .inputs = 3,
    .input = { "bias", "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_weighted_attributes, cd_weighted_fields),
    .infer = baddbmm_infer,
    .cpu = { .run = baddbmm_run },
    .backward = baddbmm_backward,
};
