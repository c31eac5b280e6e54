/* tensordot: the sums of products over some dimensions of both operands, as a product of two
 * matrices. Made of other ops, as in PyTorch. */
#include "autograd/families/reduction_internal.h"
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

/* The dimensions, counted from the front; the set of them. False with an error. */
static bool plain_dims(const cd_tensor *x, cd_dims *dims, unsigned *set)
{
    *set = 0;
    if (dims->count < 0 || dims->count > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_ARGUMENT, "tensordot: %d dimensions", dims->count);
    }
    for (int i = 0; i < dims->count; i++) {
        if (!cd_wrap_dim("tensordot", x->shape.ndim, dims->dim[i], &dims->dim[i])) return false;
        if (*set >> dims->dim[i] & 1) {
            return cd_fail(CD_ERR_ARGUMENT, "tensordot: dimension %d is named twice", dims->dim[i]);
        }
        *set |= 1u << dims->dim[i];
    }
    return true;
}

/* Sizes of 1 broadcast: the other operand is summed first. False with an error. */
static bool match(cd_tensor **a, cd_tensor **b, cd_dims over_a, cd_dims over_b)
{
    cd_dims sum_a = { .count = 0 }, sum_b = { .count = 0 };
    for (int i = 0; i < over_a.count; i++) {
        const int64_t n = (*a)->shape.dim[over_a.dim[i]], m = (*b)->shape.dim[over_b.dim[i]];
        if (n == m) continue;
        if (m == 1) {
            sum_a.dim[sum_a.count++] = over_a.dim[i];
        } else if (n == 1) {
            sum_b.dim[sum_b.count++] = over_b.dim[i];
        } else {
            char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
            return cd_fail(CD_ERR_SHAPE,
                           "tensordot: dimension %d of a (%s) and dimension %d of b (%s) differ in "
                           "size",
                           over_a.dim[i], cd_sizes_text(&(*a)->shape, left), over_b.dim[i],
                           cd_sizes_text(&(*b)->shape, right));
        }
    }
    if (sum_a.count > 0) *a = cd_sum(*a, .dims = sum_a, .keepdim = true, .dtype = (*a)->dtype);
    if (sum_b.count > 0) *b = cd_sum(*b, .dims = sum_b, .keepdim = true, .dtype = (*b)->dtype);
    return *a && *b;
}

/* The order of dimensions with those in `over` at the end or the start; multiplies *size by the
 * others' sizes, which are added to the shape. */
static cd_shape order_of(const cd_tensor *x, cd_dims over, unsigned set, bool at_end, int64_t *size,
                         cd_shape *shape)
{
    cd_shape order = { 0 };
    for (int i = 0; i < over.count && !at_end; i++) order.dim[order.ndim++] = over.dim[i];
    for (int i = 0; i < x->shape.ndim; i++) {
        if (set >> i & 1) continue;
        order.dim[order.ndim++] = i;
        shape->dim[shape->ndim++] = x->shape.dim[i];
        *size *= x->shape.dim[i];
    }
    for (int i = 0; i < over.count && at_end; i++) order.dim[order.ndim++] = over.dim[i];
    return order;
}

static cd_tensor *multiply(cd_tensor *a, cd_tensor *b, cd_dims over_a, cd_dims over_b,
                           unsigned set_a, unsigned set_b)
{
    int64_t rows = 1, inner = 1, columns = 1;
    cd_shape shape = { 0 };
    if (!match(&a, &b, over_a, over_b)) return NULL;
    for (int i = 0; i < over_a.count; i++) inner *= a->shape.dim[over_a.dim[i]];
    const cd_shape left = order_of(a, over_a, set_a, true, &rows, &shape);
    const cd_shape right = order_of(b, over_b, set_b, false, &columns, &shape);
    cd_tensor *one = cd_reshape(cd_permute(a, left), CD_SHAPE(rows, inner));
    cd_tensor *two = cd_reshape(cd_permute(b, right), CD_SHAPE(inner, columns));
    return cd_reshape(cd_mm(one, two), shape);
}

static bool check(const cd_tensor *a, const cd_tensor *b)
{
    return cd_check_tensor(a, "tensordot", "a") && cd_check_tensor(b, "tensordot", "b") &&
           cd_check_same_device("tensordot", "a", a, "b", b) &&
           (a->dtype == b->dtype ||
            cd_fail(CD_ERR_DTYPE, "tensordot: a is %s, and b %s: both must have one dtype",
                    cd_dtype_name(a->dtype), cd_dtype_name(b->dtype)));
}

cd_tensor *cd_tensordot_dims(cd_tensor *a, cd_tensor *b, cd_dims over_a, cd_dims over_b)
{
    CD_CALLED("tensordot");
    unsigned set_a, set_b;
    if (!check(a, b) || !plain_dims(a, &over_a, &set_a) || !plain_dims(b, &over_b, &set_b)) {
        return NULL;
    }
    const int left = a->shape.ndim - over_a.count + b->shape.ndim - over_b.count;
    if (over_a.count != over_b.count || left > CD_MAX_DIMS) {
        char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE,
                      "tensordot: %d dimensions of a (%s), %d of b (%s), and %d others: it must be "
                      "as many of both, and at most %d others",
                      over_a.count, cd_sizes_text(&a->shape, one), over_b.count,
                      cd_sizes_text(&b->shape, two), left, CD_MAX_DIMS);
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, multiply(a, b, over_a, over_b, set_a, set_b));
}

cd_tensor *cd_tensordot(cd_tensor *a, cd_tensor *b, int count)
{
    cd_dims over_a = { .count = 0 }, over_b = { .count = 0 };
    if (!check(a, b)) return NULL;
    if (count < 0 || count > a->shape.ndim || count > b->shape.ndim) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "tensordot: %d dimensions, where a has %d dimensions and b has %d", count,
                      a->shape.ndim, b->shape.ndim);
        return NULL;
    }
    over_a.count = over_b.count = count;
    for (int i = 0; i < count; i++) {
        over_a.dim[i] = i - count;
        over_b.dim[i] = i;
    }
    return cd_tensordot_dims(a, b, over_a, over_b);
}

const cd_op cd_op_tensordot = {
    .name = "tensordot",
    .like = "torch.tensordot(a, b, dims)",
    .formula = "y = the sums of a b over some dimensions of both",
    .gradient = "that of mm, sum and of views",
    .dtypes = "all but bool, the same for both",
    .composed = true,
};
