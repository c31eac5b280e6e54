/* addmm: a bias plus the product of two matrices, a of N x K and b of K x M; the bias broadcasts to
 * N x M, the shape of y.
 *
 * Saves b for the gradient of a, and a for that of b. Kernels: the bias is copied to y, to which
 * core/cpu/gemm.c then adds the product. */
#include "autograd/families/product_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { BIAS, A, B };

static void addmm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, BIAS)) dx[BIAS] = dy[0];
    cd_mm_backward(node, dy[0], dx, A);
}

static bool check_bias(const cd_call *call, const cd_shape *product)
{
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_tensor *bias = call->in[BIAS].tensor, *a = call->in[A].tensor;
    if (!cd_broadcasts_to(&bias->shape, product)) {
        return cd_refuse(call, CD_ERR_SHAPE, "bias (%s) does not broadcast to the product (%s)",
                         cd_sizes_text(&bias->shape, text), cd_sizes_text(product, other));
    }
    return bias->dtype == a->dtype ||
           cd_refuse(call, CD_ERR_DTYPE,
                     "bias is %s, and mat1 and mat2 are %s: all must have one dtype (cd_to "
                     "converts)",
                     cd_dtype_name(bias->dtype), cd_dtype_name(a->dtype));
}

static bool addmm_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    if (a->shape.ndim != 2 || b->shape.ndim != 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "mat1 (%s) and mat2 (%s) must both have 2 dimensions",
                         cd_sizes_text(&a->shape, text), cd_sizes_text(&b->shape, other));
    }
    return cd_infer_mm(call, A) && check_bias(call, &call->out[0].shape);
}

static void addmm_run(const cd_launch *launch)
{
    const cd_array *y = &launch->out[0];
    cd_gemm_call product;
    cd_product_of(&launch->in[A], &launch->in[B], y, &product);
    product.beta = 1;
    cd_cpu_convert(y, &launch->in[BIAS]);
    cd_cpu_gemm(y->layout->dtype, &product);
}

cd_tensor *cd_addmm(cd_tensor *bias, cd_tensor *a, cd_tensor *b)
{
    cd_product_attributes p;
    return cd_op_with(&cd_op_addmm, &p, bias, a, b);
}

const cd_op cd_op_addmm = {
    .name = "addmm",
    .grad_fn = "AddmmBackward0",
    .like = "torch.addmm(bias, a, b)",
    .formula = "y = bias + a b",
    .gradient = "dbias = dy summed over what was broadcast, da = dy b^T, db = a^T dy",
    .dtypes = "all but bool, the same for all",
    .inputs = 3,
    .input = { "bias", "mat1", "mat2" },
    .save = { [CD_MM_SAVED_A] = { CD_INPUT, A, CD_SET(B) },
              [CD_MM_SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_product_attributes, cd_no_fields),
    .infer = addmm_infer,
    .cpu = { .run = addmm_run },
    .backward = addmm_backward,
};
