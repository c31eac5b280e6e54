/* diff: the differences of neighbours along one dimension, n times. Of bool it is whether they
 * differ. Made of cat, narrow and sub. */
#include "autograd/ops_internal.h"

static bool check_joined(const cd_tensor *x, const cd_tensor *other, int dim, const char *name)
{
    char text[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    if (!other) return true;
    bool fits = other->shape.ndim == x->shape.ndim;
    for (int i = 0; fits && i < x->shape.ndim; i++) {
        fits = i == dim || other->shape.dim[i] == x->shape.dim[i];
    }
    return fits ||
           cd_fail(CD_ERR_SHAPE,
                   "diff: %s (%s) must have the sizes of x (%s), but for dimension %d", name,
                   cd_sizes_text(&other->shape, text), cd_sizes_text(&x->shape, text_x), dim);
}

static cd_tensor *joined(const cd_diff_options *options, int dim)
{
    cd_tensor *parts[3];
    int count = 0;
    if (options->prepend) parts[count++] = options->prepend;
    parts[count++] = options->x;
    if (options->append) parts[count++] = options->append;
    return count > 1 ? cd_cat((cd_tensors){ parts, count }, dim) : options->x;
}

static cd_tensor *diff_once(cd_tensor *x, int dim)
{
    const int64_t size = x->shape.dim[dim];
    cd_tensor *next = cd_narrow(x, dim, 1, size - 1), *before = cd_narrow(x, dim, 0, size - 1);
    return x->dtype == CD_BOOL ? cd_logical_xor(next, before) : cd_sub(next, before);
}

/* No more times than there are elements: then it is empty. An x that is empty is handed back
 * itself, as in PyTorch. */
static cd_tensor *diff_of(const cd_diff_options *options, int dim)
{
    const double n = cd_option_or(options->n, 1);
    if (n == 0) return cd_clone(options->x);
    cd_tensor *x = joined(options, dim);
    const double most = x ? (double)x->shape.dim[dim] : 0;
    for (double k = 0; x && k < n && k < most; k++) x = diff_once(x, dim);
    return x == options->x ? cd_hand_shared(x) : x;
}

cd_tensor *cd_diff_with(cd_diff_options options)
{
    int dim = 0;
    const double n = options.n;
    if (!cd_check_tensor(options.x, "diff", "x") ||
        !cd_check_part("diff", options.x, options.dim, &dim) ||
        !check_joined(options.x, options.prepend, dim, "prepend") ||
        !check_joined(options.x, options.append, dim, "append")) {
        return NULL;
    }
    if (!(n >= 0) || n != floor(n)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "diff: %g times: a whole number, 0 or more", n);
        return NULL;
    }
    const cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, diff_of(&options, dim));
}

const cd_op cd_op_diff = {
    .name = "diff",
    .like = "torch.diff(x, n, dim)",
    .formula = "y[i] = x[i + 1] - x[i] along one dimension, n times",
    .gradient = "that of narrow and sub",
    .dtypes = "all; of bool y is whether they differ",
    .composed = true,
};
