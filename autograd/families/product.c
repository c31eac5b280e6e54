/* What products of matrices share. */
#include "autograd/families/product_internal.h"

#include <math.h>

#include "autograd/families/arithmetic_internal.h"
#include "autograd/ops_internal.h"
#include "core/threads_internal.h"

/* --- checks ----------------------------------------------------------------------------------- */

bool cd_check_product(const char *what, const cd_tensor *a, const cd_tensor *b)
{
    char one[CD_SHAPE_TEXT], two[CD_SHAPE_TEXT];
    int n = a->shape.ndim, m = b->shape.ndim;
    int64_t inner_a = a->shape.dim[n - 1], inner_b = b->shape.dim[m > 1 ? m - 2 : 0];
    if (inner_a != inner_b) {
        const char *name_a = n > 1 ? "columns" : "elements", *name_b = m > 1 ? "rows" : "elements";
        return cd_fail(CD_ERR_SHAPE,
                       "%s: mat1 (%s) and mat2 (%s) cannot be multiplied: %s of mat1 (%lld) must "
                       "equal %s of mat2 (%lld)",
                       what, cd_sizes_text(&a->shape, one), cd_sizes_text(&b->shape, two), name_a,
                       (long long)inner_a, name_b, (long long)inner_b);
    }
    if (a->dtype != b->dtype) {
        return cd_fail(CD_ERR_DTYPE,
                       "%s: mat1 is %s and mat2 is %s: both must have one dtype (cd_to converts)",
                       what, cd_dtype_name(a->dtype), cd_dtype_name(b->dtype));
    }
    if (a->dtype == CD_BOOL) {
        return cd_fail(CD_ERR_DTYPE, "%s: is not defined for bool: convert with cd_to", what);
    }
    return true;
}

static bool by_columns(const cd_tensor *t)
{
    return !t->contiguous && t->stride[0] == 1 && t->stride[1] == t->shape.dim[0];
}

void cd_infer_by_columns(cd_call *call, const cd_tensor *a, const cd_tensor *b)
{
    cd_product_attributes *p = call->launch.attributes;
    p->a_by_columns = by_columns(a);
    p->b_by_columns = by_columns(b);
}

bool cd_infer_products(cd_call *call, int first)
{
    const cd_tensor *a = call->in[first].tensor, *b = call->in[first + 1].tensor;
    if (a->shape.ndim != 3 || b->shape.ndim != 3 || a->shape.dim[0] != b->shape.dim[0]) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE,
                         "mat1 (%s) and mat2 (%s) must both have 3 dimensions, the first of one "
                         "size: cd_matmul broadcasts batches",
                         cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
    }
    if (!cd_check_product(call->name, a, b)) return false;
    call->need[first].order = call->need[first + 1].order = CD_MATRICES;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = CD_SHAPE(a->shape.dim[0], a->shape.dim[1], b->shape.dim[2]);
    return true;
}

bool cd_check_bias_shape(const cd_call *call, const cd_shape *product)
{
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_tensor *bias = call->in[0].tensor;
    const bool fits = call->in_place ? cd_shape_equal(bias->shape, *product)
                                     : cd_broadcasts_to(&bias->shape, product);
    return fits || cd_refuse(call, CD_ERR_SHAPE, "bias (%s) %s the product (%s)",
                             cd_sizes_text(&bias->shape, text),
                             call->in_place ? "is changed in place, and has not the shape of"
                                            : "does not broadcast to",
                             cd_sizes_text(product, other));
}

bool cd_check_bias(const cd_call *call, const cd_shape *product)
{
    const cd_tensor *bias = call->in[0].tensor, *a = call->in[1].tensor;
    if (!cd_check_bias_shape(call, product)) return false;
    return bias->dtype == a->dtype ||
           cd_refuse(call, CD_ERR_DTYPE,
                     "bias is %s, and mat1 and mat2 are %s: all must have one dtype (cd_to "
                     "converts)",
                     cd_dtype_name(bias->dtype), cd_dtype_name(a->dtype));
}

bool cd_check_product_factor(const cd_call *call, const char *name, double *value)
{
    cd_scalar factor;
    const cd_dtype dtype = call->out[0].dtype;
    if (!cd_infer_factor(call, name, dtype, false, *value, &factor)) return false;
    if (!cd_is_floating(dtype)) *value = trunc(*value);
    return true;
}

const cd_field cd_weighted_fields[] = { CD_FIELD(cd_weighted_attributes, beta, REAL),
                                        CD_FIELD(cd_weighted_attributes, alpha, REAL),
                                        CD_FIELDS_END };

cd_weighted_attributes cd_weighted_attributes_of(const cd_addmm_options *o)
{
    return (cd_weighted_attributes){ .beta = cd_option_or(o->beta, 1),
                                     .alpha = cd_option_or(o->alpha, 1) };
}

bool cd_infer_weighted(cd_call *call)
{
    cd_weighted_attributes *p = call->launch.attributes;
    if (!cd_check_bias(call, &call->out[0].shape) ||
        !cd_check_product_factor(call, ".beta", &p->beta) ||
        !cd_check_product_factor(call, ".alpha", &p->alpha)) {
        return false;
    }
    call->need[1].apart = call->need[2].apart = CD_APART;
    call->out[0].must_be_contiguous = call->in_place;
    return true;
}

bool cd_infer_mv(cd_call *call, int first)
{
    const cd_tensor *a = call->in[first].tensor, *v = call->in[first + 1].tensor;
    if (a->shape.ndim != 2 || v->shape.ndim != 1) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE, "mat1 (%s) must be a matrix and mat2 (%s) a vector",
                         cd_sizes_text(&a->shape, left), cd_sizes_text(&v->shape, right));
    }
    if (!cd_check_product(call->name, a, v)) return false;
    call->need[first].order = CD_MATRICES;
    call->need[first + 1].order = CD_COLUMN;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = CD_SHAPE(a->shape.dim[0]);
    return true;
}

bool cd_infer_dot(cd_call *call)
{
    const cd_tensor *a = call->in[0].tensor, *b = call->in[1].tensor;
    if (a->shape.ndim != 1 || b->shape.ndim != 1) {
        char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE, "mat1 (%s) and mat2 (%s) must both be vectors",
                         cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
    }
    if (!cd_check_product(call->name, a, b)) return false;
    call->need[0].order = call->need[1].order = CD_COLUMN;
    call->out[0].dtype = a->dtype;
    call->out[0].shape = CD_SCALAR;
    return true;
}

bool cd_check_one_dim(const char *name, const cd_dims *dims)
{
    return dims->count == 0 || dims->count == 1 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: %d dimensions, and it must be one", name, dims->count);
}

/* --- gradients -------------------------------------------------------------------------------- */

void cd_mm_backward(cd_node *node, cd_tensor *dy, cd_tensor **dx, int first)
{
    const cd_product_attributes *p = cd_attributes_of(node);
    if (cd_wanted(node, first)) {
        cd_tensor *b = cd_saved_value(node, CD_MM_SAVED_B);
        dx[first] = p->a_by_columns ? cd_t(cd_mm(b, cd_t(dy))) : cd_mm(dy, cd_t(b));
    }
    if (cd_wanted(node, first + 1)) {
        cd_tensor *a = cd_saved_value(node, CD_MM_SAVED_A);
        dx[first + 1] = p->b_by_columns ? cd_t(cd_mm(cd_t(dy), a)) : cd_mm(cd_t(a), dy);
    }
}

void cd_dot_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = cd_mul(dy[0], cd_saved_value(node, CD_DOT_SAVED_B));
    if (cd_wanted(node, 1)) dx[1] = cd_mul(dy[0], cd_saved_value(node, CD_DOT_SAVED_A));
}

/* --- the kernel's argument -------------------------------------------------------------------- */

int64_t cd_matrix_leading(const cd_layout *layout, bool *transposed)
{
    int64_t leading = layout->shape.dim[layout->shape.ndim - 1];
    *transposed = false;
    if (layout->contiguous) return leading > 1 ? leading : 1;
    (void)cd_layout_matrix_form(layout, &leading, transposed);
    return leading;
}

void cd_product_of(const cd_array *a, const cd_array *b, const cd_array *y, cd_gemm_call *product)
{
    const int64_t *rows = &a->layout->shape.dim[a->layout->shape.ndim - 2];
    const int64_t columns = b->layout->shape.dim[b->layout->shape.ndim - 1];
    *product = (cd_gemm_call){ .m = rows[0],
                               .n = columns,
                               .k = rows[1],
                               .alpha = 1,
                               .a = a->data,
                               .b = b->data,
                               .c = y->data,
                               .ldc = columns > 0 ? columns : 1 };
    product->lda = cd_matrix_leading(a->layout, &product->transpose_a);
    product->ldb = cd_matrix_leading(b->layout, &product->transpose_b);
}

void cd_product_with_vector(const cd_array *a, const cd_array *v, const cd_array *y,
                            cd_gemm_call *product)
{
    *product = (cd_gemm_call){ .m = a->layout->shape.dim[0],
                               .n = 1,
                               .k = a->layout->shape.dim[1],
                               .alpha = 1,
                               .a = a->data,
                               .b = v->data,
                               .ldb = cd_column_leading(v),
                               .c = y->data,
                               .ldc = 1 };
    product->lda = cd_matrix_leading(a->layout, &product->transpose_a);
}

void cd_run_dot(const cd_launch *launch)
{
    const cd_array *a = &launch->in[0], *b = &launch->in[1], *y = &launch->out[0];
    const cd_gemm_call product = { .m = 1,
                                   .n = 1,
                                   .k = a->layout->numel,
                                   .alpha = 1,
                                   .a = a->data,
                                   .lda = cd_column_leading(a),
                                   .transpose_a = true,
                                   .b = b->data,
                                   .ldb = cd_column_leading(b),
                                   .c = y->data,
                                   .ldc = 1 };
    cd_cpu_gemm(y->layout->dtype, &product);
}

/* --- products of a batch ---------------------------------------------------------------------- */

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
void cd_run_products(const cd_array *a, const cd_array *b, const cd_array *y, double alpha,
                     double beta)
{
    const double large = 4e6;
    if (y->layout->numel == 0) return;
    const int64_t size = (int64_t)cd_dtype_size(y->layout->dtype);
    batch all = { .dtype = y->layout->dtype,
                  .a_bytes = a->layout->stride[0] * size,
                  .b_bytes = b->layout->stride[0] * size,
                  .y_bytes = y->layout->stride[0] * size };
    cd_product_of(a, b, y, &all.first);
    all.first.alpha = alpha;
    all.first.beta = beta;
    const int64_t count = a->layout->shape.dim[0];
    double work = (double)all.first.m * (double)all.first.n * (double)all.first.k;
    if (work < large) {
        cd_parallel(count, multiply, &all);
    } else {
        for (int64_t i = 0; i < count; i++) multiply(i, &all);
    }
}
