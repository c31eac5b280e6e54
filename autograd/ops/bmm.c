/* bmm: the products of two batches of matrices, a of B x N x K and b of B x K x M; y is B x N x M.
 *
 * Saves b for the gradient of a, and a for that of b. Kernel: core/cpu/gemm.c, for each matrix of
 * the batch. */
#include "autograd/families/product_internal.h"
#include "core/threads_internal.h"

enum { A, B };
enum { SAVED_A, SAVED_B };

static void bmm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, A)) {
        dx[A] = cd_bmm(dy[0], cd_transpose(cd_saved_value(node, SAVED_B), 1, 2));
    }
    if (cd_wanted(node, B)) {
        dx[B] = cd_bmm(cd_transpose(cd_saved_value(node, SAVED_A), 1, 2), dy[0]);
    }
}

static bool bmm_infer(cd_call *call)
{
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    if (a->shape.ndim != 3 || b->shape.ndim != 3 || a->shape.dim[0] != b->shape.dim[0]) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE,
                         "mat1 (%s) and mat2 (%s) must both have 3 dimensions, the first of one "
                         "size: cd_matmul broadcasts batches",
                         cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
    }
    if (!cd_check_product(call->name, a, b)) return false;
    call->need[A].order = call->need[B].order = CD_MATRICES;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = CD_SHAPE(a->shape.dim[0], a->shape.dim[1], b->shape.dim[2]);
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

typedef struct batch {
    cd_dtype dtype;
    cd_gemm_call first;
    int64_t a_bytes, b_bytes, y_bytes; /* from one matrix to the next */
} batch;

static void multiply(int64_t index, void *context)
{
    const batch *all = context;
    cd_gemm_call one = all->first;
    one.a = (const char *)one.a + index * all->a_bytes;
    one.b = (const char *)one.b + index * all->b_bytes;
    one.c = (char *)one.c + index * all->y_bytes;
    cd_cpu_gemm(all->dtype, &one);
}

/* Small products are distributed over the threads; for a large one gemm distributes its parts. */
static void bmm_run(const cd_launch *launch)
{
    const double large = 4e6;
    const cd_array *a = &launch->in[A], *b = &launch->in[B], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    const int64_t size = (int64_t)cd_dtype_size(y->layout->dtype);
    batch all = { .dtype = y->layout->dtype,
                  .a_bytes = a->layout->stride[0] * size,
                  .b_bytes = b->layout->stride[0] * size,
                  .y_bytes = y->layout->stride[0] * size };
    cd_product_of(a, b, y, &all.first);
    const int64_t count = a->layout->shape.dim[0];
    double work = (double)all.first.m * (double)all.first.n * (double)all.first.k;
    if (work < large) {
        cd_parallel(count, multiply, &all);
    } else {
        for (int64_t i = 0; i < count; i++) multiply(i, &all);
    }
}

cd_tensor *cd_bmm(cd_tensor *a, cd_tensor *b)
{
    return cd_op_apply(&cd_op_bmm, a, b);
}

const cd_op cd_op_bmm = {
    .name = "bmm",
    .grad_fn = "BmmBackward0",
    .like = "torch.bmm(a, b)",
    .formula = "y[i] = a[i] b[i]",
    .gradient = "da[i] = dy[i] b[i]^T, db[i] = a[i]^T dy[i]",
    .dtypes = "all but bool, the same for both",
    .inputs = 2,
    .input = { "mat1", "mat2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    .infer = bmm_infer,
    .cpu = { .run = bmm_run },
    .backward = bmm_backward,
};
