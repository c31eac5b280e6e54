/* autograd/ops/mm.c
 *
 *   y = a b          da = dy b^T, db = a^T dy
 *
 * a is N x K, b K x M, y N x M; one dtype, numbers. Transposed operands are taken as they lie. */
#include "autograd/op/product_internal.h"

enum { A, B };
enum { SAVED_A, SAVED_B };

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_product_attributes *p = cd_attributes_of(node);
    if (cd_wanted(node, A)) {
        dx[A] = cd_mm_grad_a(dy[0], cd_saved_value(node, SAVED_B), p->a_by_columns);
    }
    if (cd_wanted(node, B)) {
        dx[B] = cd_mm_grad_b(dy[0], cd_saved_value(node, SAVED_A), p->b_by_columns);
    }
}

static bool infer(cd_call *call)
{
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    if (a->shape.ndim != 2 || b->shape.ndim != 2) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE,
                         "mat1 (%s) and mat2 (%s) must both have 2 dimensions: cd_matmul takes "
                         "vectors and batches",
                         cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
    }
    if (!cd_check_product(call->name, a, b)) return false;
    cd_infer_by_columns(call, a, b);
    call->need[A].order = call->need[B].order = CD_MATRICES;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = CD_SHAPE(a->shape.dim[0], b->shape.dim[1]);
    return true;
}

static void run(const cd_launch *launch)
{
    const cd_argument *y = &launch->out[0];
    cd_gemm_call product;
    cd_product_of(&launch->in[A], &launch->in[B], y, &product);
    cd_cpu_gemm(y->layout->dtype, &product);
}

cd_tensor *cd_mm(cd_tensor *a, cd_tensor *b)
{
    cd_product_attributes p;
    return cd_op_with(&cd_op_mm, &p, a, b);
}

const cd_op cd_op_mm = {
    .name = "mm",
    .grad_fn = "MmBackward0",
    .like = "torch.mm(a, b)",
    .formula = "y = a b",
    .gradient = "da = dy b^T, db = a^T dy",
    .dtypes = "one of all but bool",
    .inputs = 2,
    .input = { "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_product_attributes, cd_no_fields),
    .infer = infer,
    .cpu = { .run = run },
    .backward = backward,
};
