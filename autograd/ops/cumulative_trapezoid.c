/* cumulative_trapezoid: the integrals of y from the first sample to each later one, by the
 * trapezoidal rule. Made of other ops. */
#include "autograd/families/trapezoid_internal.h"

static cd_tensor *cumulative_trapezoid_of(const cd_trapezoid_options *o)
{
    cd_tensor *terms = cd_trapezoid_terms(o);
    if (o->x) return cd_div(cd_cumsum(terms, o->dim), 2.0);
    return cd_cumsum(cd_mul(terms, cd_option_or(o->dx, 1) / 2), o->dim);
}

cd_tensor *cd_cumulative_trapezoid_with(cd_trapezoid_options options)
{
    return cd_trapezoid_by("cumulative_trapezoid", options, cumulative_trapezoid_of);
}

const cd_op cd_op_cumulative_trapezoid = {
    .name = "cumulative_trapezoid",
    .like = "torch.cumulative_trapezoid(y, x, dx, dim)",
    .formula = "the sums of (y[i] + y[i + 1]) / 2 (x[i + 1] - x[i]) so far, along one dimension",
    .gradient = "that of the ops it is made of",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
