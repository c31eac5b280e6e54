/* autograd/ops/addmm.c
 *
 *   y = bias + a b          dbias = sum of dy over what was broadcast, da = dy b^T, db = a^T dy
 *
 * a is N x K, b K x M, bias broadcasts to N x M; one dtype, numbers. */
#include "autograd/op/product_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { BIAS, A, B };
enum { SAVED_A, SAVED_B };

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_product_attributes *p = cd_attributes_of(node);
    if (cd_wanted(node, BIAS)) dx[BIAS] = dy[0];
    if (cd_wanted(node, A)) {
        dx[A] = cd_mm_grad_a(dy[0], cd_saved_value(node, SAVED_B), p->a_by_columns);
    }
    if (cd_wanted(node, B)) {
        dx[B] = cd_mm_grad_b(dy[0], cd_saved_value(node, SAVED_A), p->b_by_columns);
    }
}

static bool check_bias(const cd_call *call, cd_shape product)
{
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_tensor *bias = call->in[BIAS].tensor, *a = call->in[A].tensor;
    cd_shape meet;
    if (!cd_shape_broadcast(product, bias->shape, &meet) || !cd_shape_equal(meet, product)) {
        return cd_refuse(call, CD_ERR_SHAPE, "bias (%s) does not broadcast to the product (%s)",
                         cd_sizes_text(&bias->shape, text), cd_sizes_text(&product, other));
    }
    return bias->dtype == a->dtype ||
           cd_refuse(call, CD_ERR_DTYPE,
                     "bias is %s, and mat1 and mat2 are %s: all must have one dtype (cd_to "
                     "converts)",
                     cd_dtype_name(bias->dtype), cd_dtype_name(a->dtype));
}

static bool infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    if (a->shape.ndim != 2 || b->shape.ndim != 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "mat1 (%s) and mat2 (%s) must both have 2 dimensions",
                         cd_sizes_text(&a->shape, text), cd_sizes_text(&b->shape, other));
    }
    if (!cd_check_product(call->name, a, b)) return false;
    const cd_shape shape = CD_SHAPE(a->shape.dim[0], b->shape.dim[1]);
    if (!check_bias(call, shape)) return false;
    cd_infer_by_columns(call, a, b);
    call->need[A].order = call->need[B].order = CD_MATRICES;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = shape;
    return true;
}

static void run(const cd_launch *launch)
{
    const cd_argument *y = &launch->out[0];
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
    .gradient = "dbias = dy summed, da = dy b^T, db = a^T dy",
    .dtypes = "one of all but bool",
    .inputs = 3,
    .input = { "bias", "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_product_attributes, cd_no_fields),
    .infer = infer,
    .cpu = { .run = run },
    .backward = backward,
};
