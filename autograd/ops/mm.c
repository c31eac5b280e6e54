/* mm: the product of two matrices, a of N x K and b of K x M; y is N x M.
 *
 * A transposed matrix is multiplied as it is stored, without a copy. Saves b for the gradient of a,
 * and a for that of b. Kernel: core/cpu/gemm.c. */
#include "autograd/families/product_internal.h"

enum { A, B };

static void mm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_mm_backward(node, dy[0], dx, A);
}

static bool mm_infer(cd_call *call)
{
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    if (a->shape.ndim != 2 || b->shape.ndim != 2) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE,
                         "mat1 (%s) and mat2 (%s) must both have 2 dimensions: cd_matmul takes "
                         "vectors and batches",
                         cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
    }
    return cd_infer_mm(call, A);
}

static void mm_run(const cd_launch *launch)
{
    const cd_array *y = &launch->out[0];
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
    .dtypes = "all but bool, the same for both",
    .inputs = 2,
    .input = { "mat1", "mat2" },
    .save = { [CD_MM_SAVED_A] = { CD_INPUT, A, CD_SET(B) },
              [CD_MM_SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_product_attributes, cd_no_fields),
    .infer = mm_infer,
    .cpu = { .run = mm_run },
    .backward = mm_backward,
};
