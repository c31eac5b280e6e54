/* trapezoid: the integral of y along a dimension by the trapezoidal rule. Made of other ops.
 * Without a sample it is 0. */
#include "autograd/families/trapezoid_internal.h"

static cd_tensor *trapezoid_of(const cd_trapezoid_options *o)
{
    cd_tensor *y = o->y;
    const int dim = o->dim;
    if (y->shape.dim[dim] == 0) {
        cd_shape shape = y->shape;
        shape.ndim--;
        for (int i = dim; i < shape.ndim; i++) shape.dim[i] = shape.dim[i + 1];
        return cd_zeros(shape, .dtype = y->dtype, .device = cd_tensor_device(y));
    }
    if (o->x) return cd_div(cd_sum_dim(cd_trapezoid_terms(o), dim), 2.0);
    cd_tensor *ends = cd_add(cd_select(y, dim, 0), cd_select(y, dim, -1));
    return cd_mul(cd_sub(cd_sum_dim(y, dim), cd_mul(ends, 0.5)), cd_option_or(o->dx, 1));
}

cd_tensor *cd_trapezoid_with(cd_trapezoid_options options)
{
    return cd_trapezoid_by("trapezoid", options, trapezoid_of);
}

const cd_op cd_op_trapezoid = {
    .name = "trapezoid",
    .like = "torch.trapezoid(y, x, dx, dim)",
    .formula = "the sum of (y[i] + y[i + 1]) / 2 (x[i + 1] - x[i]) along one dimension",
    .gradient = "that of the ops it is made of",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
