/* addbmm: beta times a bias plus alpha times the sum of the products of two batches of matrices, a
 * of B x N x K and b of B x K x M; the bias broadcasts to N x M, the shape of y. With a beta of 0
 * the bias is not read.
 *
 * Saves b for the gradient of a, and a for that of b. Kernels: the bias is copied to y, to which
 * core/cpu/gemm.c then adds one product after the other. */
#include "autograd/families/arithmetic_internal.h"
#include "autograd/families/product_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { BIAS, A, B };
enum { SAVED_A, SAVED_B };

static void addbmm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_weighted_attributes *p = cd_attributes_of(node);
    if (cd_wanted(node, BIAS)) dx[BIAS] = cd_times(dy[0], p->beta);
    const cd_shape batch = node->input[A].shape, matrix = cd_shape_of(dy[0]);
    cd_tensor *g = cd_expand(dy[0], CD_SHAPE(batch.dim[0], matrix.dim[0], matrix.dim[1]));
    if (cd_wanted(node, A)) {
        cd_tensor *b = cd_transpose(cd_saved_value(node, SAVED_B), 1, 2);
        dx[A] = cd_times(cd_bmm(g, b), p->alpha);
    }
    if (cd_wanted(node, B)) {
        cd_tensor *a = cd_transpose(cd_saved_value(node, SAVED_A), 1, 2);
        dx[B] = cd_times(cd_bmm(a, g), p->alpha);
    }
}

static bool addbmm_infer(cd_call *call)
{
    if (!cd_infer_products(call, A)) return false;
    const cd_shape products = call->out[0].shape;
    call->out[0].shape = CD_SHAPE(products.dim[1], products.dim[2]);
    return cd_infer_weighted(call);
}

static void addbmm_run(const cd_launch *launch)
{
    const cd_weighted_attributes *p = launch->attributes;
    const cd_array *y = &launch->out[0];
    cd_gemm_call product;
    const cd_array *a = &launch->in[A], *b = &launch->in[B];
    const int64_t size = (int64_t)cd_dtype_size(y->layout->dtype);
    const int64_t count = a->layout->shape.dim[0];
    cd_product_of(a, b, y, &product);
    product.alpha = p->alpha;
    product.beta = p->beta;
    if (count == 0) product.k = 0;
    if (p->beta != 0) (void)cd_cpu_start_from(y, &launch->in[BIAS]);
    cd_cpu_gemm(y->layout->dtype, &product);
    for (int64_t i = 1; i < count; i++) {
        product.beta = 1;
        product.a = (const char *)product.a + a->layout->stride[0] * size;
        product.b = (const char *)product.b + b->layout->stride[0] * size;
        cd_cpu_gemm(y->layout->dtype, &product);
    }
}

cd_tensor *cd_addbmm_with(cd_addmm_options o)
{
    cd_weighted_attributes p = cd_weighted_attributes_of(&o);
    return cd_op_with(&cd_op_addbmm, &p, o.bias, o.a, o.b);
}

cd_tensor *cd_addbmm_with_(cd_addmm_options o)
{
    cd_weighted_attributes p = cd_weighted_attributes_of(&o);
    return cd_op_in_place_with(&cd_op_addbmm, &p, o.bias, o.a, o.b);
}

const cd_op cd_op_addbmm = {
    .name = "addbmm",
    .grad_fn = "AddbmmBackward0",
    .like = "torch.addbmm(bias, a, b, beta, alpha)",
    .formula = "y = beta bias + alpha sum of a[i] b[i]",
    .gradient = "dbias = beta dy summed over what was broadcast, da[i] = alpha dy b[i]^T, "
                "db[i] = alpha a[i]^T dy",
    .dtypes = "all but bool, the same for all",
    .inputs = 3,
    .input = { "bias", "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_weighted_attributes, cd_weighted_fields),
    .infer = addbmm_infer,
    .cpu = { .run = addbmm_run },
    .backward = addbmm_backward,
};
