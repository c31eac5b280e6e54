/* autograd/ops/bmm.c
 *
 *   y[i] = a[i] b[i]          da[i] = dy[i] b[i]^T, db[i] = a[i]^T dy[i]
 *
 * a is B x N x K, b B x K x M, y B x N x M; one dtype, numbers. Saves a if db is wanted, b if da
 * is.
 */
#include "autograd/ops_internal.h"
#include "core/cpu/gemm_internal.h"
#include "core/threads_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    bool wants_a = cd_wanted(node, 0);
    if (wants_a) dx[0] = cd_bmm(dy[0], cd_transpose(cd_saved_value(node, 0), 1, 2));
    if (cd_wanted(node, 1)) {
        dx[1] = cd_bmm(cd_transpose(cd_saved_value(node, wants_a), 1, 2), dy[0]);
    }
}

typedef struct batch {
    cd_dtype dtype;
    cd_gemm_call first;
    int64_t a_bytes, b_bytes, c_bytes; /* from one matrix to the next */
} batch;

static void multiply(int64_t index, void *context)
{
    const batch *all = context;
    cd_gemm_call one = all->first;
    one.a = (const char *)one.a + index * all->a_bytes;
    one.b = (const char *)one.b + index * all->b_bytes;
    one.c = (char *)one.c + index * all->c_bytes;
    cd_gemm(all->dtype, &one);
}

/* Small products are shared out whole; a large one is cut into pieces by gemm itself. */
static void multiply_all(batch *all, int64_t count)
{
    const double large = 4e6;
    double work = (double)all->first.m * (double)all->first.n * (double)all->first.k;
    if (work < large) {
        cd_parallel(count, multiply, all);
    } else {
        for (int64_t i = 0; i < count; i++) multiply(i, all);
    }
}

static bool check(cd_old_call *call, const cd_tensor *a, const cd_tensor *b)
{
    bool same = a->shape.ndim == 3 && b->shape.ndim == 3 && a->shape.dim[0] == b->shape.dim[0];
    if (same) {
        call->failed = !cd_check_product("bmm", a, b);
        return !call->failed;
    }
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    return cd_op_fail(call, CD_ERR_SHAPE,
                      "mat1 (%s) and mat2 (%s) must both have 3 dimensions, the first of "
                      "one size: cd_matmul broadcasts batches",
                      cd_shape_text(a->shape, left), cd_shape_text(b->shape, right));
}

cd_tensor *cd_bmm(cd_tensor *a, cd_tensor *b)
{
    cd_old_call call;
    cd_matrix one, two;
    if (!cd_op_begin(&call, &cd_op_bmm, a, b) || !check(&call, a, b)) return NULL;
    int64_t count = a->shape.dim[0], n = a->shape.dim[1], m = b->shape.dim[2];
    cd_tensor *y = cd_op_output(&call, a->dtype, CD_SHAPE(count, n, m));
    if (y && y->numel > 0 && cd_op_matrix(&call, a, &one) && cd_op_matrix(&call, b, &two)) {
        batch all = { .dtype = y->dtype,
                      .first = { .m = n,
                                 .n = m,
                                 .k = a->shape.dim[2],
                                 .alpha = 1,
                                 .a = one.data,
                                 .lda = one.leading,
                                 .transpose_a = one.transposed,
                                 .b = two.data,
                                 .ldb = two.leading,
                                 .transpose_b = two.transposed,
                                 .c = cd_tensor_data(y),
                                 .ldc = m },
                      .a_bytes = one.batch_bytes,
                      .b_bytes = two.batch_bytes,
                      .c_bytes = n * m * (int64_t)cd_dtype_size(y->dtype) };
        multiply_all(&all, count);
    }
    if (cd_tracks(a)) cd_op_save(&call, b);
    if (cd_tracks(b)) cd_op_save(&call, a);
    return cd_op_end(&call);
}

const cd_op cd_op_bmm = {
    .name = "bmm",
    .grad_fn = "BmmBackward0",
    .like = "torch.bmm(a, b)",
    .formula = "y[i] = a[i] b[i]",
    .gradient = "da[i] = dy[i] b[i]^T, db[i] = a[i]^T dy[i]",
    .dtypes = "one of all but bool",
    .backward = backward,
};
