/* addmv: beta times a bias plus alpha times the product of a matrix a of N x K and a vector b of K;
 * the bias broadcasts to N, the shape of y. With a beta of 0 the bias is not read.
 *
 * Saves b for the gradient of a, and a for that of b. Kernels: the bias is copied to y, to which
 * core/cpu/gemm.c then adds the product. */
#include "autograd/families/arithmetic_internal.h"
#include "autograd/families/product_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { BIAS, A, B };
enum { SAVED_A, SAVED_B };

static void addmv_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_weighted_attributes *p = cd_attributes_of(node);
    if (cd_wanted(node, BIAS)) dx[BIAS] = cd_times(dy[0], p->beta);
    if (cd_wanted(node, A)) {
        cd_tensor *b = cd_unsqueeze(cd_saved_value(node, SAVED_B), 0);
        dx[A] = cd_times(cd_mul(cd_unsqueeze(dy[0], 1), b), p->alpha);
    }
    if (cd_wanted(node, B)) {
        dx[B] = cd_times(cd_mv(cd_t(cd_saved_value(node, SAVED_A)), dy[0]), p->alpha);
    }
}

static bool addmv_infer(cd_call *call)
{
    return cd_infer_mv(call, A) && cd_infer_weighted(call);
}

static void addmv_run(const cd_launch *launch)
{
    const cd_weighted_attributes *p = launch->attributes;
    const cd_array *y = &launch->out[0];
    cd_gemm_call product;
    cd_product_with_vector(&launch->in[A], &launch->in[B], y, &product);
    product.alpha = p->alpha;
    product.beta = p->beta;
    if (p->beta != 0) (void)cd_cpu_start_from(y, &launch->in[BIAS]);
    cd_cpu_gemm(y->layout->dtype, &product);
}

cd_tensor *cd_addmv_with(cd_addmm_options o)
{
    cd_weighted_attributes p = cd_weighted_attributes_of(&o);
    return cd_op_with(&cd_op_addmv, &p, o.bias, o.a, o.b);
}

cd_tensor *cd_addmv_with_(cd_addmm_options o)
{
    cd_weighted_attributes p = cd_weighted_attributes_of(&o);
    return cd_op_in_place_with(&cd_op_addmv, &p, o.bias, o.a, o.b);
}

const cd_op cd_op_addmv = {
    .name = "addmv",
    .grad_fn = "AddmvBackward0",
    .like = "torch.addmv(bias, a, b, beta, alpha)",
    .formula = "y = beta bias + alpha a b",
    .gradient = "dbias = beta dy summed over what was broadcast, da = alpha dy b^T, "
                "db = alpha a^T dy",
    .dtypes = "all but bool, the same for all",
    .inputs = 3,
    .input = { "bias", "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_weighted_attributes, cd_weighted_fields),
    .infer = addmv_infer,
    .cpu = { .run = addmv_run },
    .backward = addmv_backward,
};
