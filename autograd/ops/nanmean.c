/* nanmean: the mean of the elements that are not NaN, over dimensions; NaN where there are none.
 * Made of other ops: nansum, divided by how many elements are equal to themselves. */
#include "autograd/families/reduction_internal.h"
#include "autograd/ops_internal.h"

/* Whether nansum will accept the call, and x is floating. */
static bool nanmean_check(const cd_sum_options *options)
{
    if (!cd_check_tensor(options->x, "nanmean", "x")) return false;
    if (!cd_dtype_is_floating(options->x->dtype)) {
        return cd_fail(CD_ERR_DTYPE, "nanmean: is not defined for %s: convert with cd_to first",
                       cd_dtype_name(options->x->dtype));
    }
    return options->dtype == CD_DTYPE_DEFAULT || cd_dtype_is_floating(options->dtype) ||
           cd_fail(CD_ERR_DTYPE, "nanmean: .dtype is %d, and must be floating",
                   (int)options->dtype);
}

cd_tensor *cd_nanmean_with(cd_sum_options options)
{
    CD_CALLED("nanmean");
    if (!nanmean_check(&options)) return NULL;
    const cd_scope scope = cd_scope_begin();
    cd_sum_options count = options;
    count.dtype = CD_DTYPE_DEFAULT;
    count.x = cd_eq(options.x, options.x);
    cd_tensor *sum = cd_nansum_with(options);
    return cd_ops_end(scope, cd_div(sum, cd_sum_with(count)));
}

const cd_op cd_op_nanmean = {
    .name = "nanmean",
    .like = "torch.nanmean(x, dim)",
    .formula = "y = mean of the elements of x that are not NaN",
    .gradient = "that of nansum, divided by their number",
    .dtypes = "floating",
    .composed = true,
};
