/* autograd/ops/mv.c
 *
 *   y = a v          da = dy v^T, dv = a^T dy
 *
 * a is N x K, v has K elements, y N; one dtype, numbers. Saves a if dv is wanted, v if da is. */
#include "autograd/ops_internal.h"
#include "core/cpu/gemm_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    bool wants_a = cd_wanted(node, 0);
    if (wants_a) {
        dx[0] = cd_mul(cd_unsqueeze(dy[0], 1), cd_unsqueeze(cd_saved_value(node, 0), 0));
    }
    if (cd_wanted(node, 1)) dx[1] = cd_mv(cd_t(cd_saved_value(node, wants_a)), dy[0]);
}

cd_tensor *cd_mv(cd_tensor *a, cd_tensor *v)
{
    cd_old_call call;
    cd_matrix one, two;
    if (!cd_op_begin(&call, &cd_op_mv, a, v)) return NULL;
    if (a->shape.ndim != 2 || v->shape.ndim != 1) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE, "mat1 (%s) must be a matrix and mat2 (%s) a vector",
                         cd_shape_text(a->shape, left), cd_shape_text(v->shape, right));
        return cd_op_end(&call);
    }
    if (!cd_check_product("mv", a, v)) return NULL;
    int64_t n = a->shape.dim[0];
    cd_tensor *y = cd_op_output(&call, a->dtype, CD_SHAPE(n));
    if (y && cd_op_matrix(&call, a, &one) && cd_op_column(&call, v, &two)) {
        cd_gemm(y->dtype, &(cd_gemm_call){ .m = n,
                                           .n = 1,
                                           .k = a->shape.dim[1],
                                           .alpha = 1,
                                           .a = one.data,
                                           .lda = one.leading,
                                           .transpose_a = one.transposed,
                                           .b = two.data,
                                           .ldb = two.leading,
                                           .c = cd_tensor_data(y),
                                           .ldc = 1 });
    }
    if (cd_tracks(a)) cd_op_save(&call, v);
    if (cd_tracks(v)) cd_op_save(&call, a);
    return cd_op_end(&call);
}

const cd_op cd_op_mv = {
    .name = "mv",
    .grad_fn = "MvBackward0",
    .like = "torch.mv(a, v)",
    .formula = "y = a v",
    .gradient = "da = dy v^T, dv = a^T dy",
    .dtypes = "one of all but bool",
    .backward = backward,
};
