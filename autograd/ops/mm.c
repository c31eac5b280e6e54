/* autograd/ops/mm.c
 *
 *   y = a b          da = dy b^T, db = a^T dy
 *
 * a is N x K, b K x M, y N x M; one dtype, numbers. Transposed operands are taken as they lie.
 * Saves a if db is wanted, b if da is; keeps in i[0] and i[1] whether a and b lie by columns. */
#include "autograd/ops_internal.h"
#include "core/cpu/gemm_internal.h"

cd_tensor *cd_mm_grad_a(cd_tensor *dy, cd_tensor *b, bool by_columns)
{
    return by_columns ? cd_t(cd_mm(b, cd_t(dy))) : cd_mm(dy, cd_t(b));
}

cd_tensor *cd_mm_grad_b(cd_tensor *dy, cd_tensor *a, bool by_columns)
{
    return by_columns ? cd_t(cd_mm(cd_t(dy), a)) : cd_mm(cd_t(a), dy);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int64_t *i = node->parameters->i;
    bool wants_a = cd_wanted(node, 0);
    if (wants_a) dx[0] = cd_mm_grad_a(dy[0], cd_saved_value(node, 0), i[0]);
    if (cd_wanted(node, 1)) dx[1] = cd_mm_grad_b(dy[0], cd_saved_value(node, wants_a), i[1]);
}

cd_tensor *cd_mm(cd_tensor *a, cd_tensor *b)
{
    cd_old_call call;
    cd_matrix one, two;
    if (!cd_op_begin(&call, &cd_op_mm, a, b)) return NULL;
    if (a->shape.ndim != 2 || b->shape.ndim != 2) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE,
                         "mat1 (%s) and mat2 (%s) must both have 2 dimensions: cd_matmul takes "
                         "vectors and batches",
                         cd_shape_text(a->shape, left), cd_shape_text(b->shape, right));
        return cd_op_end(&call);
    }
    if (!cd_check_product("mm", a, b)) return NULL;
    int64_t n = a->shape.dim[0], k = a->shape.dim[1], m = b->shape.dim[1];
    cd_tensor *y = cd_op_output(&call, a->dtype, CD_SHAPE(n, m));
    if (y && cd_op_matrix(&call, a, &one) && cd_op_matrix(&call, b, &two)) {
        cd_gemm(y->dtype, &(cd_gemm_call){ .m = n,
                                           .n = m,
                                           .k = k,
                                           .alpha = 1,
                                           .a = one.data,
                                           .lda = one.leading,
                                           .transpose_a = one.transposed,
                                           .b = two.data,
                                           .ldb = two.leading,
                                           .transpose_b = two.transposed,
                                           .c = cd_tensor_data(y),
                                           .ldc = m > 0 ? m : 1 });
    }
    call.parameters.i[0] = cd_by_columns(a);
    call.parameters.i[1] = cd_by_columns(b);
    if (cd_tracks(a)) cd_op_save(&call, b);
    if (cd_tracks(b)) cd_op_save(&call, a);
    return cd_op_end(&call);
}

const cd_op cd_op_mm = {
    .name = "mm",
    .grad_fn = "MmBackward0",
    .like = "torch.mm(a, b)",
    .formula = "y = a b",
    .gradient = "da = dy b^T, db = a^T dy",
    .dtypes = "one of all but bool",
    .backward = backward,
};
