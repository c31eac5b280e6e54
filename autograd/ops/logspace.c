/* logspace: the powers of a base whose exponents are at equal distances. Made of other ops:
 * linspace and pow, in float64 for integer dtypes.
 *
 * Its ends are numbers; those that are tensors are read before. */
#include <math.h>

#include "autograd/families/create_internal.h"
#include "autograd/ops_internal.h"

static bool check(const cd_logspace_options *o, double start, double end)
{
    const cd_dtype dtype = o->dtype == CD_DTYPE_DEFAULT ? CD_F32 : o->dtype;
    if (cd_dtype_size(dtype) == 0) {
        return cd_fail(CD_ERR_DTYPE, "logspace: %d is no dtype", (int)dtype);
    }
    if (dtype == CD_BOOL) return cd_fail(CD_ERR_DTYPE, "logspace: there is no range of bool");
    if (!cd_dtype_takes(CD_F32, o->base)) {
        return cd_fail(CD_ERR_ARGUMENT, "logspace: .base is %g, which float32 does not have",
                       o->base);
    }
    if (cd_dtype_is_floating(dtype)) return true;
    if (o->requires_grad) {
        return cd_fail(CD_ERR_DTYPE, "logspace: only floating tensors require gradients, not %s",
                       cd_dtype_name(dtype));
    }
    return (cd_is_whole(trunc(start)) && cd_is_whole(trunc(end))) ||
           cd_fail(CD_ERR_ARGUMENT, "logspace: %g to %g is no range of %s", start, end,
                   cd_dtype_name(dtype));
}

static cd_tensor *powers(const cd_logspace_options *o, double start, double end)
{
    const bool whole = o->dtype != CD_DTYPE_DEFAULT && !cd_dtype_is_floating(o->dtype);
    if (whole) start = trunc(start), end = trunc(end);
    cd_linspace_attributes a = { .made = { whole ? CD_F64 : o->dtype, o->device, false },
                                 .steps = o->steps,
                                 .start = start,
                                 .end = end };
    cd_tensor *exponents = cd_make(&cd_op_linspace, "logspace", NULL, &a, NULL);
    cd_tensor *y = cd_pow(cd_option_or(o->base, 10), exponents);
    if (whole) return cd_to(y, o->dtype);
    return y && o->requires_grad ? cd_set_requires_grad(y, true) : y;
}

cd_tensor *cd_logspace_with(cd_logspace_options o)
{
    CD_CALLED("logspace");
    double start, end;
    if (!cd_read_end("logspace", "start", o.start, &start) ||
        !cd_read_end("logspace", "end", o.end, &end) || !check(&o, start, end)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, powers(&o, start, end));
}

const cd_op cd_op_logspace = {
    .name = "logspace",
    .like = "torch.logspace(start, end, steps, base)",
    .formula = "y[i] = base^x[i], with x of linspace(start, end, steps)",
    .gradient = "none: it has no input",
    .dtypes = "all but bool",
    .composed = true,
};
