/* addmm: beta times a bias plus alpha times the product of two matrices, a of N x K and b of K x M;
 * the bias broadcasts to N x M, the shape of y. With a beta of 0 the bias is not read.
 *
 * Saves b for the gradient of a, and a for that of b. Kernels: the bias is copied to y, to which
 * core/cpu/gemm.c then adds the product. */
#include "autograd/families/product_internal.h"
#include "autograd/families/arithmetic_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { BIAS, A, B };

static const cd_field fields[] = { CD_FIELD(cd_addmm_attributes, beta, REAL),
                                   CD_FIELD(cd_addmm_attributes, alpha, REAL), CD_FIELDS_END };

static void addmm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_addmm_attributes *p = cd_attributes_of(node);
    if (cd_wanted(node, BIAS)) dx[BIAS] = cd_times(dy[0], p->beta);
    cd_mm_backward(node, dy[0], dx, A);
    if (cd_wanted(node, A)) dx[A] = cd_times(dx[A], p->alpha);
    if (cd_wanted(node, B)) dx[B] = cd_times(dx[B], p->alpha);
}

static bool addmm_infer(cd_call *call)
{
    cd_addmm_attributes *p = call->launch.attributes;
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    if (a->shape.ndim != 2 || b->shape.ndim != 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "mat1 (%s) and mat2 (%s) must both have 2 dimensions",
                         cd_sizes_text(&a->shape, text), cd_sizes_text(&b->shape, other));
    }
    if (!cd_infer_mm(call, A) || !cd_check_bias(call, &call->out[0].shape) ||
        !cd_check_product_factor(call, ".beta", &p->beta) ||
        !cd_check_product_factor(call, ".alpha", &p->alpha)) {
        return false;
    }
    call->need[A].apart = call->need[B].apart = CD_APART;
    call->out[0].must_be_contiguous = call->in_place;
    return true;
}

static void addmm_run(const cd_launch *launch)
{
    const cd_addmm_attributes *p = launch->attributes;
    const cd_array *y = &launch->out[0];
    cd_gemm_call product;
    cd_product_of(&launch->in[A], &launch->in[B], y, &product);
    product.alpha = p->alpha;
    product.beta = p->beta;
    if (p->beta != 0) (void)cd_cpu_start_from(y, &launch->in[BIAS]);
    cd_cpu_gemm(y->layout->dtype, &product);
}

static cd_addmm_attributes attributes_of(const cd_addmm_options *o)
{
    return (cd_addmm_attributes){ .beta = cd_option_or(o->beta, 1),
                                  .alpha = cd_option_or(o->alpha, 1) };
}

cd_tensor *cd_addmm_with(cd_addmm_options o)
{
    cd_addmm_attributes p = attributes_of(&o);
    return cd_op_with(&cd_op_addmm, &p, o.bias, o.a, o.b);
}

cd_tensor *cd_addmm_with_(cd_addmm_options o)
{
    cd_addmm_attributes p = attributes_of(&o);
    return cd_op_in_place_with(&cd_op_addmm, &p, o.bias, o.a, o.b);
}

const cd_op cd_op_addmm = {
    .name = "addmm",
    .grad_fn = "AddmmBackward0",
    .like = "torch.addmm(bias, a, b, beta, alpha)",
    .formula = "y = beta bias + alpha a b",
    .gradient = "dbias = beta dy summed over what was broadcast, da = alpha dy b^T, "
                "db = alpha a^T dy",
    .dtypes = "all but bool, the same for all",
    .inputs = 3,
    .input = { "bias", "mat1", "mat2" },
    .save = { [CD_MM_SAVED_A] = { CD_INPUT, A, CD_SET(B) },
              [CD_MM_SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_addmm_attributes, fields),
    .infer = addmm_infer,
    .cpu = { .run = addmm_run },
    .backward = addmm_backward,
};
