/* multi_dot: the product of two or more matrices, in the order that needs the fewest
 * multiplications. The first may be a vector, which counts as a row, and the last one that counts
 * as a column. Made of other ops, as in PyTorch.
 *
 * The product of the matrices from i to j is that of the parts from i to k and from k + 1 to j. The
 * best k follows from the costs of all shorter products. */
#include <stdint.h>

#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"
#include "core/memory_internal.h"

/* --- checks ----------------------------------------------------------------------------------- */

static bool check_dims(const cd_tensor *x, int k, int count)
{
    char text[CD_SHAPE_TEXT];
    const bool outer = k == 0 || k == count - 1;
    return x->shape.ndim == 2 || (outer && x->shape.ndim == 1) ||
           cd_fail(CD_ERR_SHAPE, "multi_dot: tensor %d has shape %s, and must be a matrix%s", k,
                   cd_sizes_text(&x->shape, text), outer ? " or a vector" : "");
}

/* Whether the tensors k - 1 and k can be multiplied. False with an error. */
static bool check_pair(const cd_tensor *a, const cd_tensor *b, int k)
{
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    if (!cd_check_same_device("multi_dot", "a tensor", a, "the next", b)) return false;
    if (a->dtype != b->dtype) {
        return cd_fail(CD_ERR_DTYPE,
                       "multi_dot: tensor %d is %s, and tensor %d %s: all must have "
                       "one dtype",
                       k - 1, cd_dtype_name(a->dtype), k, cd_dtype_name(b->dtype));
    }
    return a->shape.dim[a->shape.ndim - 1] == b->shape.dim[0] ||
           cd_fail(CD_ERR_SHAPE,
                   "multi_dot: tensors %d (%s) and %d (%s) cannot be multiplied: the last size of "
                   "one must be the first of the next",
                   k - 1, cd_sizes_text(&a->shape, left), k, cd_sizes_text(&b->shape, right));
}

static bool check(cd_tensors tensors)
{
    const int count = tensors.tensor ? tensors.count : 0;
    if (count < 2) {
        return cd_fail(CD_ERR_ARGUMENT, "multi_dot: %d tensors, and it takes 2 or more", count);
    }
    for (int k = 0; k < count; k++) {
        if (!cd_check_tensor(tensors.tensor[k], "multi_dot", "a tensor") ||
            !check_dims(tensors.tensor[k], k, count) ||
            (k > 0 && !check_pair(tensors.tensor[k - 1], tensors.tensor[k], k))) {
            return false;
        }
    }
    return tensors.tensor[0]->dtype != CD_BOOL ||
           cd_fail(CD_ERR_DTYPE, "multi_dot: is not defined for bool: convert with cd_to");
}

/* --- the order -------------------------------------------------------------------------------- */

/* The product of the matrices from i to j. */
typedef struct part {
    double cost; /* multiplications, at best */
    int split;   /* the left factor is the product from i to `split` */
    bool needed;
    cd_tensor *product;
} part;

/* Matrix i is of size[i] x size[i + 1]. */
typedef struct chain {
    int count;
    int64_t *size;
    part *parts; /* count x count */
} chain;

static part *part_of(const chain *c, int i, int j)
{
    return &c->parts[(int64_t)i * c->count + j];
}

/* Of splits that cost the same the first is taken, and of three the last, as in PyTorch. */
static void find_split(const chain *c, int i, int j)
{
    part *p = part_of(c, i, j);
    p->cost = INFINITY;
    p->split = i;
    for (int k = i; k < j; k++) {
        const double last = (double)c->size[i] * (double)c->size[k + 1] * (double)c->size[j + 1];
        const double cost = part_of(c, i, k)->cost + part_of(c, k + 1, j)->cost + last;
        if (cost < p->cost || (cost == p->cost && c->count == 3)) {
            p->cost = cost;
            p->split = k;
        }
    }
}

/* Finds the splits, then which parts the whole needs, from the longest down. */
static void plan(const chain *c)
{
    for (int length = 1; length < c->count; length++) {
        for (int i = 0; i + length < c->count; i++) find_split(c, i, i + length);
    }
    part_of(c, 0, c->count - 1)->needed = true;
    for (int length = c->count - 1; length > 0; length--) {
        for (int i = 0; i + length < c->count; i++) {
            const part *p = part_of(c, i, i + length);
            if (!p->needed) continue;
            part_of(c, i, p->split)->needed = true;
            part_of(c, p->split + 1, i + length)->needed = true;
        }
    }
}

static cd_tensor *multiply(const chain *c)
{
    for (int length = 1; length < c->count; length++) {
        for (int i = 0; i + length < c->count; i++) {
            part *p = part_of(c, i, i + length);
            if (!p->needed) continue;
            p->product = cd_mm(part_of(c, i, p->split)->product,
                               part_of(c, p->split + 1, i + length)->product);
        }
    }
    return part_of(c, 0, c->count - 1)->product;
}

/* The first tensor as a row if it is a vector, the last as a column. */
static void start(chain *c, cd_tensors tensors)
{
    for (int k = 0; k < c->count; k++) {
        cd_tensor *x = tensors.tensor[k];
        const int64_t n = x->shape.dim[0];
        if (x->shape.ndim == 1) x = cd_view(x, k == 0 ? CD_SHAPE(1, n) : CD_SHAPE(n, 1));
        *part_of(c, k, k) = (part){ .product = x };
        c->size[k] = k == 0 && tensors.tensor[0]->shape.ndim == 1 ? 1 : n;
        if (k == c->count - 1) c->size[k + 1] = x ? x->shape.dim[1] : 1;
    }
}

static cd_tensor *product_of_chain(cd_tensors tensors)
{
    const size_t count = (size_t)tensors.count;
    chain c = { .count = tensors.count,
                .size = cd_alloc_zeroed(count + 1, sizeof *c.size),
                .parts = cd_alloc_zeroed(count * count, sizeof *c.parts) };
    cd_tensor *y = NULL;
    if (c.size && c.parts) {
        start(&c, tensors);
        plan(&c);
        y = multiply(&c);
    }
    cd_free(c.size);
    cd_free(c.parts);
    return y;
}

/* Without the dimensions that a vector at the start or the end has not. */
static cd_tensor *without_vectors(cd_tensor *y, cd_tensors tensors)
{
    cd_shape shape = { 0 };
    if (!y) return NULL;
    if (tensors.tensor[0]->shape.ndim == 2) shape.dim[shape.ndim++] = y->shape.dim[0];
    if (tensors.tensor[tensors.count - 1]->shape.ndim == 2) {
        shape.dim[shape.ndim++] = y->shape.dim[1];
    }
    return cd_view(y, shape);
}

cd_tensor *cd_multi_dot(cd_tensors tensors)
{
    if (!check(tensors)) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, without_vectors(product_of_chain(tensors), tensors));
}

const cd_op cd_op_multi_dot = {
    .name = "multi_dot",
    .like = "torch.linalg.multi_dot(tensors)",
    .formula = "y = a b c ... in the cheapest order",
    .gradient = "that of mm",
    .dtypes = "all but bool, the same for all",
    .composed = true,
};
