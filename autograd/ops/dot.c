/* autograd/ops/dot.c
 *
 *   y = sum of a * b          da = dy * b, db = dy * a
 *
 * a and b are vectors of one length and dtype, numbers; y is 0-d. Saves a if db is wanted, b if da
 * is. */
#include "autograd/ops_internal.h"
#include "core/cpu/gemm_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    bool wants_a = cd_wanted(node, 0);
    if (wants_a) dx[0] = cd_mul(dy[0], cd_saved_value(node, 0));
    if (cd_wanted(node, 1)) dx[1] = cd_mul(dy[0], cd_saved_value(node, wants_a));
}

cd_tensor *cd_dot(cd_tensor *a, cd_tensor *b)
{
    cd_old_call call;
    cd_matrix one, two;
    if (!cd_op_begin(&call, &cd_op_dot, a, b)) return NULL;
    if (a->shape.ndim != 1 || b->shape.ndim != 1) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE, "mat1 (%s) and mat2 (%s) must both be vectors",
                         cd_shape_text(a->shape, left), cd_shape_text(b->shape, right));
        return cd_op_end(&call);
    }
    if (!cd_check_product("dot", a, b)) return NULL;
    cd_tensor *y = cd_op_output(&call, a->dtype, CD_SCALAR);
    if (y && cd_op_column(&call, a, &one) && cd_op_column(&call, b, &two)) {
        cd_gemm(y->dtype, &(cd_gemm_call){ .m = 1,
                                           .n = 1,
                                           .k = a->numel,
                                           .alpha = 1,
                                           .a = one.data,
                                           .lda = one.leading,
                                           .transpose_a = true,
                                           .b = two.data,
                                           .ldb = two.leading,
                                           .c = cd_tensor_data(y),
                                           .ldc = 1 });
    }
    if (cd_tracks(a)) cd_op_save(&call, b);
    if (cd_tracks(b)) cd_op_save(&call, a);
    return cd_op_end(&call);
}

const cd_op cd_op_dot = {
    .name = "dot",
    .grad_fn = "DotBackward0",
    .like = "torch.dot(a, b)",
    .formula = "y = sum of a * b",
    .gradient = "da = dy * b, db = dy * a",
    .dtypes = "one of all but bool",
    .backward = backward,
};
