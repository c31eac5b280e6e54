/* What products of matrices share. */
#include "autograd/families/product_internal.h"

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
