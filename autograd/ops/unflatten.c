/* unflatten: a view with several dimensions in place of one. Made of another op: a view. */
#include "autograd/ops_internal.h"

/* The sizes, with one that is -1 computed, must multiply to that of the dimension. */
static bool check_sizes(const cd_tensor *x, int dim, cd_shape *sizes)
{
    char text[CD_SHAPE_TEXT];
    int64_t product = 1;
    int unknown = -1;
    if (sizes->ndim < 1 || sizes->ndim > CD_MAX_DIMS + 1 - x->shape.ndim) {
        return cd_fail(CD_ERR_SHAPE,
                       "unflatten: %d sizes were given, for x (%s): 1 or more, and at "
                       "most %d dimensions in all",
                       sizes->ndim, cd_sizes_text(&x->shape, text), CD_MAX_DIMS);
    }
    bool fits = true;
    for (int i = 0; i < sizes->ndim && fits; i++) {
        if (sizes->dim[i] == -1 && unknown < 0) {
            unknown = i;
        } else {
            fits = sizes->dim[i] >= 0 && !__builtin_mul_overflow(product, sizes->dim[i], &product);
        }
    }
    const int64_t whole = x->shape.dim[dim];
    if (fits && unknown >= 0 && product > 0) sizes->dim[unknown] = whole / product;
    fits = fits && (unknown < 0 ? product == whole : product > 0 && whole % product == 0);
    return fits ||
           cd_fail(CD_ERR_SHAPE,
                   "unflatten: the sizes %s do not multiply to that of dimension %d of x, %lld",
                   cd_sizes_text(sizes, text), dim, (long long)whole);
}

cd_tensor *cd_unflatten(cd_tensor *x, int dim, cd_shape sizes)
{
    CD_CALLED("unflatten");
    int plain = 0;
    cd_shape shape = { .ndim = 0 };
    if (!cd_check_tensor(x, "unflatten", "x") || !cd_check_part("unflatten", x, dim, &plain) ||
        !check_sizes(x, plain, &sizes)) {
        return NULL;
    }
    for (int i = 0; i < x->shape.ndim; i++) {
        if (i != plain) shape.dim[shape.ndim++] = x->shape.dim[i];
        for (int k = 0; i == plain && k < sizes.ndim; k++) shape.dim[shape.ndim++] = sizes.dim[k];
    }
    return cd_view_for("unflatten", x, shape);
}

const cd_op cd_op_unflatten = {
    .name = "unflatten",
    .like = "x.unflatten(dim, sizes)",
    .formula = "y = x with a dimension split into several; a view",
    .gradient = "that of view",
    .dtypes = "all",
    .composed = true,
};
