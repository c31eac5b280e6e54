/* matmul: the product of vectors, matrices and batches of matrices, as torch.matmul. Made of other
 * ops:
 *
 *   operands              op
 *   vector and vector     dot
 *   matrix and vector     mv
 *   vector and matrix     mm, with the vector as a matrix of one row
 *   matrix and matrix     mm
 *   a batch, and a        mm or mv of all rows of the batch as one matrix, or bmm
 *   matrix or vector
 *   two batches           bmm of both, broadcast to one batch
 *
 * Whether a batch is folded to one matrix follows PyTorch's choice, since grad_fn shows it. */
#include "autograd/ops_internal.h"

/* Whether all rows of the batch can be viewed as one matrix without a copy. */
static bool stacks(const cd_tensor *t)
{
    for (int i = 0; i + 2 < t->shape.ndim; i++) {
        if (t->stride[i] != t->stride[i + 1] * t->shape.dim[i + 1]) return false;
    }
    return true;
}

/* Whether to compute one product of all rows of the batch instead of one product for each of its
 * matrices: when the gradient of the other operand is wanted, which would be made for each matrix
 * and summed, or when no copy is needed. */
static bool folds(const cd_tensor *a, const cd_tensor *b)
{
    bool a_larger = a->shape.ndim >= b->shape.ndim;
    const cd_tensor *larger = a_larger ? a : b, *smaller = a_larger ? b : a;
    if (larger->shape.ndim < 3 || smaller->shape.ndim > 2) return false;
    if (cd_tracks(smaller)) return true;
    if (a->shape.ndim == 2) return false;
    if (larger->numel == 0) return true;
    return a_larger ? stacks(larger) : false;
}

static cd_tensor *transpose_last(cd_tensor *x)
{
    return cd_transpose(x, -1, -2);
}

/* The product with the batch as one matrix. If b is the batch, by the transposes: a b = (b^T
 * a^T)^T. */
static cd_tensor *fold(cd_tensor *a, cd_tensor *b)
{
    if (!a || !b) return NULL;
    bool a_larger = a->shape.ndim >= b->shape.ndim;
    cd_tensor *larger = a_larger ? a : transpose_last(b);
    cd_tensor *smaller = a_larger ? b : a->shape.ndim == 2 ? cd_t(a) : a;
    if (!larger || !smaller) return NULL;
    cd_shape shape = larger->shape;
    int64_t inner = shape.dim[--shape.ndim], rows = 1;
    for (int i = 0; i < shape.ndim; i++) rows *= shape.dim[i];
    cd_tensor *stack = cd_reshape(larger, CD_SHAPE(rows, inner));
    if (smaller->shape.ndim == 1) return cd_unsafe_view(cd_mv(stack, smaller), shape);
    shape.dim[shape.ndim++] = smaller->shape.dim[1];
    cd_tensor *y = cd_unsafe_view(cd_mm(stack, smaller), shape);
    return a_larger ? y : cd_contiguous(transpose_last(y));
}

/* The dimensions of both before the last two, broadcast. False with an error. */
static bool batch_shape(const cd_tensor *a, const cd_tensor *b, cd_shape *out)
{
    cd_shape one = a->shape, two = b->shape;
    one.ndim = one.ndim > 2 ? one.ndim - 2 : 0;
    two.ndim = two.ndim > 2 ? two.ndim - 2 : 0;
    if (cd_shape_broadcast(one, two, out)) return true;
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_SHAPE,
                   "matmul: mat1 (%s) and mat2 (%s) cannot be multiplied: the dimensions before "
                   "the last two must broadcast",
                   cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
}

/* x broadcast to this batch of matrices, as a tensor of 3 dimensions. */
static cd_tensor *as_batch(cd_tensor *x, cd_shape batch, int64_t rows, int64_t columns)
{
    cd_shape wide = batch;
    int64_t count = 0;
    if (!cd_shape_elements(batch, &count)) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE, "matmul: a batch of %s matrices has more than can be counted",
                      cd_sizes_text(&batch, text));
        return NULL;
    }
    wide.dim[wide.ndim++] = rows;
    wide.dim[wide.ndim++] = columns;
    return cd_reshape(cd_expand(x, wide), CD_SHAPE(count, rows, columns));
}

static cd_tensor *batched(cd_tensor *a, cd_tensor *b)
{
    cd_shape shape;
    if (!batch_shape(a, b, &shape)) return NULL;
    bool row = a->shape.ndim == 1, column = b->shape.ndim == 1;
    cd_tensor *one = row ? cd_unsqueeze(a, 0) : a, *two = column ? cd_unsqueeze(b, 1) : b;
    if (!one || !two) return NULL;
    int64_t n = one->shape.dim[one->shape.ndim - 2], k = one->shape.dim[one->shape.ndim - 1];
    int64_t m = two->shape.dim[two->shape.ndim - 1];
    cd_tensor *y = cd_bmm(as_batch(one, shape, n, k), as_batch(two, shape, k, m));
    if (!row) shape.dim[shape.ndim++] = n;
    if (!column) shape.dim[shape.ndim++] = m;
    return cd_unsafe_view(y, shape);
}

static cd_tensor *multiply(cd_tensor *a, cd_tensor *b)
{
    int n = a->shape.ndim, m = b->shape.ndim;
    if (n == 1 && m == 1) return cd_dot(a, b);
    if (n == 2 && m == 1) return cd_mv(a, b);
    if (n == 1 && m == 2) return cd_squeeze_product(cd_mm(cd_unsqueeze(a, 0), b), 0);
    if (n == 2 && m == 2) return cd_mm(a, b);
    if (folds(a, b)) return fold(a, b);
    if (n == 3 && m == 3 && a->shape.dim[0] != b->shape.dim[0]) { /* a batch of one folds too */
        if (a->shape.dim[0] == 1 && cd_tracks(a)) return fold(cd_squeeze(a, 0), b);
        if (b->shape.dim[0] == 1 && cd_tracks(b)) return fold(a, cd_squeeze(b, 0));
    }
    return batched(a, b);
}

cd_tensor *cd_matmul(cd_tensor *a, cd_tensor *b)
{
    if (!cd_check_tensor(a, "matmul", "mat1") || !cd_check_tensor(b, "matmul", "mat2")) return NULL;
    if (a->shape.ndim == 0 || b->shape.ndim == 0) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE,
                      "matmul: mat1 (%s) and mat2 (%s) must both have dimensions: cd_mul "
                      "multiplies by a scalar",
                      cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
        return NULL;
    }
    if (!cd_check_same_device("matmul", "mat1", a, "mat2", b) ||
        !cd_check_product("matmul", a, b)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, multiply(a, b));
}

const cd_op cd_op_matmul = {
    .name = "matmul",
    .like = "torch.matmul(a, b)",
    .formula = "y = a b, vectors and broadcast batches too",
    .gradient = "that of dot, mv, mm or bmm, and of views",
    .dtypes = "all but bool, the same for both",
    .composed = true,
};
