/* dot: the inner product of two vectors, a 0-d tensor.
 *
 * Saves b for the gradient of a, and a for that of b. Kernel: core/cpu/gemm.c, with a as a matrix
 * of one row and b as one of one column. */
#include "autograd/families/product_internal.h"

enum { A, B };
enum { SAVED_A, SAVED_B };

static void dot_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) dx[A] = cd_mul(dy[0], cd_saved_value(node, SAVED_B));
    if (cd_wanted(node, B)) dx[B] = cd_mul(dy[0], cd_saved_value(node, SAVED_A));
}

static bool dot_infer(cd_call *call)
{
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    if (a->shape.ndim != 1 || b->shape.ndim != 1) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE, "mat1 (%s) and mat2 (%s) must both be vectors",
                         cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
    }
    if (!cd_check_product(call->name, a, b)) return false;
    call->need[A].order = call->need[B].order = CD_COLUMN;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = CD_SCALAR;
    return true;
}

static void dot_run(const cd_launch *launch)
{
    const cd_array *a = &launch->in[A], *b = &launch->in[B], *y = &launch->out[0];
    const cd_gemm_call product = { .m = 1,
                                   .n = 1,
                                   .k = a->layout->numel,
                                   .alpha = 1,
                                   .a = a->data,
                                   .lda = cd_column_leading(a),
                                   .transpose_a = true,
                                   .b = b->data,
                                   .ldb = cd_column_leading(b),
                                   .c = y->data,
                                   .ldc = 1 };
    cd_cpu_gemm(y->layout->dtype, &product);
}

cd_tensor *cd_dot(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_dot, a, b);
}

const cd_op cd_op_dot = {
    .name = "dot",
    .grad_fn = "DotBackward0",
    .like = "torch.dot(a, b)",
    .formula = "y = sum of a * b",
    .gradient = "da = dy * b, db = dy * a",
    .dtypes = "all but bool, the same for both",
    .inputs = 2,
    .input = { "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    .infer = dot_infer,
    .cpu = { .run = dot_run },
    .backward = dot_backward,
};
