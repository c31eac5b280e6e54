/* isin: whether each element of x is equal to one of the elements of another tensor.
 *
 * NaN is equal to none. Elements are compared in the dtype that both are promoted to, for which a
 * 0-d tensor counts as a vector of one. Made of sort and searchsorted, so that it takes n log m
 * steps. */
#include "autograd/families/sort_internal.h"
#include "autograd/ops_internal.h"

static bool check_operand(cd_operand operand, const char *name)
{
    const cd_tensor *t = cd_operand_as_tensor(operand);
    if (operand.kind == CD_OPERAND_TENSOR && !cd_check_tensor(t, "isin", name)) return false;
    return !t || t->dtype != CD_BOOL ||
           cd_fail(CD_ERR_DTYPE, "isin: %s is bool, and isin is not defined for it", name);
}

static bool isin_check(const cd_isin_options *options)
{
    const cd_tensor *x = cd_operand_as_tensor(options->x);
    const cd_tensor *elements = cd_operand_as_tensor(options->elements);
    if (!check_operand(options->x, "x") || !check_operand(options->elements, "elements")) {
        return false;
    }
    if (!x && !elements) {
        return cd_fail(CD_ERR_ARGUMENT, "isin: both are numbers, and one must be a tensor");
    }
    return !x || !elements || cd_check_same_device("isin", "x", x, "elements", elements);
}

/* The element that is not less than x, or the last, must be equal to x. */
static cd_tensor *isin_sorted(cd_tensor *x, cd_tensor *elements)
{
    const int64_t n = elements->numel;
    if (n == 0) return cd_zeros(x->shape, .dtype = CD_BOOL, .device = cd_tensor_device(x));
    cd_tensor *row = cd_reshape(x, CD_SHAPE(-1));
    cd_tensor *all = cd_sort(cd_reshape(elements, CD_SHAPE(-1)), 0);
    cd_tensor *at = cd_clamp_max(cd_searchsorted(all, row), n - 1);
    return cd_reshape(cd_eq(cd_take(all, at), row), x->shape);
}

static cd_tensor *isin_of(const cd_isin_options *options)
{
    cd_tensor *x = cd_operand_as_tensor(options->x);
    cd_tensor *elements = cd_operand_as_tensor(options->elements), *y;
    CD_NO_GRAD();
    if (!elements) {
        y = cd_eq_with(options->x, options->elements);
    } else if (!x) {
        y = cd_any(cd_eq_with(options->elements, options->x));
    } else {
        y = isin_sorted(x, elements);
    }
    return options->invert ? cd_logical_not(y) : y;
}

cd_tensor *cd_isin_with(cd_isin_options options)
{
    if (!isin_check(&options)) return NULL;
    const cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, isin_of(&options));
}

const cd_op cd_op_isin = {
    .name = "isin",
    .like = "torch.isin(x, elements)",
    .formula = "y = whether x is equal to one of the elements",
    .gradient = "none: the result is bool",
    .dtypes = "all but bool; y is bool",
};
