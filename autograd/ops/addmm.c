/* autograd/ops/addmm.c
 *
 *   y = bias + a b          dbias = sum of dy over what was broadcast, da = dy b^T, db = a^T dy
 *
 * a is N x K, b K x M, bias broadcasts to N x M; one dtype, numbers. Saves and keeps as mm does. */
#include "autograd/ops_internal.h"
#include "core/cpu/gemm_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int64_t *i = node->parameters->i;
    bool wants_a = cd_wanted(node, 1);
    if (cd_wanted(node, 0)) dx[0] = dy[0];
    if (wants_a) dx[1] = cd_mm_grad_a(dy[0], cd_saved_value(node, 0), i[0]);
    if (cd_wanted(node, 2)) dx[2] = cd_mm_grad_b(dy[0], cd_saved_value(node, wants_a), i[1]);
}

static bool check(cd_old_call *call, const cd_tensor *bias, const cd_tensor *a, const cd_tensor *b)
{
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    if (a->shape.ndim != 2 || b->shape.ndim != 2) {
        return cd_op_fail(call, CD_ERR_SHAPE, "mat1 (%s) and mat2 (%s) must both have 2 dimensions",
                          cd_shape_text(a->shape, text), cd_shape_text(b->shape, other));
    }
    if (!cd_check_product("addmm", a, b)) return false;
    cd_shape shape = CD_SHAPE(a->shape.dim[0], b->shape.dim[1]), meet;
    if (!cd_shape_broadcast(shape, bias->shape, &meet) || !cd_shape_equal(meet, shape)) {
        return cd_op_fail(call, CD_ERR_SHAPE, "bias (%s) does not broadcast to the product (%s)",
                          cd_shape_text(bias->shape, text), cd_shape_text(shape, other));
    }
    if (bias->dtype == a->dtype) return true;
    return cd_op_fail(call, CD_ERR_DTYPE,
                      "bias is %s, and mat1 and mat2 are %s: all must have one "
                      "dtype (cd_to converts)",
                      cd_dtype_name(bias->dtype), cd_dtype_name(a->dtype));
}

/* Every element of the bias in its place, or places, of y. */
static void spread(cd_tensor *y, const cd_tensor *bias)
{
    cd_tensor wide = { .storage = bias->storage,
                       .offset = bias->offset,
                       .numel = y->numel,
                       .dtype = bias->dtype,
                       .shape = y->shape };
    for (int i = 0; i < 2; i++) {
        int own = i - (2 - bias->shape.ndim);
        wide.stride[i] = own < 0 || bias->shape.dim[own] == 1 ? 0 : bias->stride[own];
    }
    cd_tensor_copy(y, &wide);
}

cd_tensor *cd_addmm(cd_tensor *bias, cd_tensor *a, cd_tensor *b)
{
    cd_old_call call;
    cd_matrix one, two;
    if (!cd_op_begin(&call, &cd_op_addmm, bias, a, b) || !check(&call, bias, a, b)) return NULL;
    int64_t n = a->shape.dim[0], k = a->shape.dim[1], m = b->shape.dim[1];
    cd_tensor *y = cd_op_output(&call, a->dtype, CD_SHAPE(n, m));
    if (y && cd_op_matrix(&call, a, &one) && cd_op_matrix(&call, b, &two)) {
        spread(y, bias);
        cd_gemm(y->dtype, &(cd_gemm_call){ .m = n,
                                           .n = m,
                                           .k = k,
                                           .alpha = 1,
                                           .beta = 1,
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

const cd_op cd_op_addmm = {
    .name = "addmm",
    .grad_fn = "AddmmBackward0",
    .like = "torch.addmm(bias, a, b)",
    .formula = "y = bias + a b",
    .gradient = "dbias = dy summed, da = dy b^T, db = a^T dy",
    .dtypes = "one of all but bool",
    .backward = backward,
};
