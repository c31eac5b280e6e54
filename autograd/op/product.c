/* What products of matrices share. */
#include "autograd/op/product_internal.h"

#include "core/cpu/gemm_internal.h"

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
                       what, cd_shape_text(a->shape, one), cd_shape_text(b->shape, two), name_a,
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

/* --- gradients -------------------------------------------------------------------------------- */

cd_tensor *cd_mm_grad_a(cd_tensor *dy, cd_tensor *b, bool columns)
{
    return columns ? cd_t(cd_mm(b, cd_t(dy))) : cd_mm(dy, cd_t(b));
}

cd_tensor *cd_mm_grad_b(cd_tensor *dy, cd_tensor *a, bool columns)
{
    return columns ? cd_t(cd_mm(cd_t(dy), a)) : cd_mm(cd_t(a), dy);
}

/* --- kernels' arguments ----------------------------------------------------------------------- */

cd_matrix cd_matrix_of(const cd_argument *a)
{
    const cd_layout *layout = a->layout;
    const int64_t columns = layout->shape.dim[layout->shape.ndim - 1];
    cd_matrix m = { .data = a->data, .leading = columns > 1 ? columns : 1 };
    if (!layout->contiguous) (void)cd_layout_is_matrix(layout, &m.leading, &m.transposed);
    if (layout->shape.ndim > 2) {
        m.batch_bytes = layout->stride[0] * (int64_t)cd_dtype_size(layout->dtype);
    }
    return m;
}

cd_matrix cd_column_of(const cd_argument *a)
{
    return (cd_matrix){ .data = a->data,
                        .leading = a->layout->numel > 1 ? a->layout->stride[0] : 1 };
}

void cd_run_product(const cd_product *p, const cd_argument *y)
{
    cd_gemm(y->layout->dtype, &(cd_gemm_call){ .m = p->m,
                                               .n = p->n,
                                               .k = p->k,
                                               .alpha = 1,
                                               .beta = p->beta,
                                               .a = p->a.data,
                                               .lda = p->a.leading,
                                               .transpose_a = p->a.transposed,
                                               .b = p->b.data,
                                               .ldb = p->b.leading,
                                               .transpose_b = p->b.transposed,
                                               .c = y->data,
                                               .ldc = p->n > 0 ? p->n : 1 });
}
