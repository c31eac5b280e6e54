/* autograd/ops/view.c
 *
 *   y = x's elements, row by row, in another shape          dx = dy in x's shape
 *
 * A view: it fails where elements would have to move. One size may be -1. Saves nothing. */
#include "autograd/ops_internal.h"
#include "core/memory_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_reshape(dy[0], cd_input_shape(node, 0));
}

/* The product of the sizes but for a -1, and the place of that; the caller sets 1 and -1. */
static bool check_sizes(const char *what, cd_shape shape, int64_t *product, int *inferred)
{
    if (shape.ndim < 0 || shape.ndim > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE, "%s: a tensor has 0 to %d dimensions, not %d", what,
                       CD_MAX_DIMS, shape.ndim);
    }
    for (int i = 0; i < shape.ndim; i++) {
        int64_t size = shape.dim[i];
        if (size < -1 || (size == -1 && *inferred >= 0)) {
            return cd_fail(CD_ERR_SHAPE,
                           "%s: size %lld of dimension %d: sizes are 0 or more, and "
                           "only one may be -1",
                           what, (long long)size, i);
        }
        if (size == -1) {
            *inferred = i;
        } else if (!cd_checked_mul_i64(*product, size, product)) {
            char text[CD_SHAPE_TEXT];
            return cd_fail(CD_ERR_SHAPE, "%s: the shape %s has more elements than can be counted",
                           what, cd_shape_text(shape, text));
        }
    }
    return true;
}

bool cd_infer_shape(const char *what, const cd_tensor *x, cd_shape shape, cd_shape *out)
{
    int64_t product = 1;
    int inferred = -1;
    if (!check_sizes(what, shape, &product, &inferred)) return false;
    char given[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    if (inferred >= 0 && product == 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: the -1 in %s could be any size, since another size is 0",
                       what, cd_shape_text(shape, given));
    }
    bool fits = inferred >= 0 ? x->numel % product == 0 : x->numel == product;
    if (!fits) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: the shape %s does not hold the %lld elements of a tensor "
                       "of shape %s",
                       what, cd_shape_text(shape, given), (long long)x->numel,
                       cd_shape_text(x->shape, own));
    }
    *out = shape;
    if (inferred >= 0) out->dim[inferred] = x->numel / product;
    return true;
}

/* The next dimensions of x, from `*own` down, that can be walked as one: their size and stride. */
static void next_run(const cd_tensor *x, int *own, int64_t *size, int64_t *step)
{
    while (*own > 0 && x->shape.dim[*own - 1] == 1) --*own;
    *size = 1;
    if (*own == 0) return;
    --*own;
    *size = x->shape.dim[*own];
    *step = x->stride[*own];
    for (; *own > 0; --*own) {
        int64_t outer = x->shape.dim[*own - 1];
        if (outer != 1 && x->stride[*own - 1] != *size * *step) break;
        *size *= outer;
    }
}

bool cd_view_strides(const cd_tensor *x, cd_shape shape, int64_t *stride)
{
    if (x->contiguous || x->numel == 0) {
        cd_contiguous_strides(shape, stride);
        return true;
    }
    int own = x->shape.ndim;
    int64_t left = 1, step = x->stride[own - 1]; /* of the run: elements not yet given out */
    for (int i = shape.ndim; i-- > 0;) {
        int64_t size = shape.dim[i];
        if (size > 1 && left == 1) next_run(x, &own, &left, &step);
        if (left % size != 0) return false;
        stride[i] = step;
        left /= size;
        step *= size;
    }
    return true;
}

cd_tensor *cd_view(cd_tensor *x, cd_shape shape)
{
    cd_call call;
    int64_t stride[CD_MAX_DIMS];
    if (!cd_op_begin(&call, &cd_op_view, x)) return NULL;
    if (!cd_infer_shape("view", x, shape, &shape)) return NULL;
    if (!cd_view_strides(x, shape, stride)) {
        char from[CD_SHAPE_TEXT], to[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE,
                         "the elements of this %s view do not lie in the order that shape %s "
                         "needs: cd_reshape copies where it must",
                         cd_shape_text(x->shape, from), cd_shape_text(shape, to));
        return cd_op_end(&call);
    }
    (void)cd_op_output_view(&call, x, shape, stride, x->offset);
    return cd_op_end(&call);
}

static cd_shape shape_from(const double *p)
{
    cd_shape shape = { .ndim = (int)p[0] };
    for (int i = 0; i < shape.ndim; i++) shape.dim[i] = (int64_t)p[1 + i];
    return shape;
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_view(cd_contiguous(in[0]), shape_from(p));
}

/* The rows of a transposed matrix can be cut, though not joined. */
static cd_tensor *of_transposed(cd_tensor *const *in, const double *p)
{
    return cd_view(cd_t(cd_contiguous(in[0])), shape_from(p));
}

static cd_tensor *of_expanded(cd_tensor *const *in, const double *p)
{
    return cd_view(cd_expand(in[0], CD_SHAPE(3, 4)), shape_from(p));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6)) }, { 2, 3, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6)) }, { 3, 2, -1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 3, 1, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 2, 5, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0)) }, { 2, 3, -1 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(6, 2)) }, { 4, 2, 1, 3, 2 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(4, 3)) }, { 3, 3, -1, 2 });
    cd_sample(s, of_expanded, { cd_randn(CD_SHAPE(3, 1)) }, { 3, 3, 2, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_view(NULL, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "24 elements", cd_view(x, CD_SHAPE(5, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "4x6", cd_view(x, CD_SHAPE(25)));
    cd_expect_error(s, CD_ERR_SHAPE, "only one", cd_view(x, CD_SHAPE(-1, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "size -2", cd_view(x, CD_SHAPE(-2, 12)));
    cd_expect_error(s, CD_ERR_SHAPE, "any size",
                    cd_view(cd_zeros(CD_SHAPE(0, 3)), CD_SHAPE(-1, 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "cd_reshape", cd_view(cd_t(x), CD_SHAPE(24)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimensions", cd_view(x, (cd_shape){ .ndim = 9 }));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_view(x, CD_SHAPE(INT64_MAX, 4)));
}

const cd_op cd_op_view = {
    .name = "view",
    .grad_fn = "ViewBackward0",
    .like = "x.view(shape)",
    .formula = "y = x in another shape; a view",
    .gradient = "dx = dy in x's shape",
    .dtypes = "all",
    .contiguous_only = "elements would have to move",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
