/* Initial values of parameters: nn/init.h. */
#include "nn/init.h"

#include <math.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/tensor_internal.h"

/* Whether t is a floating tensor and no error is pending. False with an error that names the
 * function. */
static bool init_check(cd_tensor *t, const char *function)
{
    if (!cd_ok() || !cd_check_tensor(t, function, "the tensor")) return false;
    return cd_dtype_is_floating(t->dtype) ||
           cd_fail(CD_ERR_DTYPE, "%s: only floating tensors have such values, not %s", function,
                   cd_dtype_name(t->dtype));
}

cd_tensor *cd_init_constant_(cd_tensor *t, double value)
{
    if (!init_check(t, "init_constant_")) return NULL;
    cd_scope mode = cd_grad_mode_begin(false);
    cd_tensor *filled = cd_fill_(t, value);
    (void)cd_scope_end(mode);
    return filled;
}

cd_tensor *cd_init_uniform_(cd_tensor *t, double from, double to)
{
    if (!init_check(t, "init_uniform_")) return NULL;
    cd_scope mode = cd_grad_mode_begin(false);
    cd_tensor *drawn = cd_uniform_(t, from, to);
    (void)cd_scope_end(mode);
    return drawn;
}

cd_tensor *cd_init_normal_(cd_tensor *t, double mean, double std)
{
    if (!init_check(t, "init_normal_")) return NULL;
    cd_scope mode = cd_grad_mode_begin(false);
    cd_tensor *drawn = cd_normal_(t, mean, std);
    (void)cd_scope_end(mode);
    return drawn;
}

/* The standard deviation, gain / sqrt(fan); 0 with an error. */
static double kaiming_std(cd_tensor *t, double a, cd_fan fan, const char *function)
{
    if (!init_check(t, function)) return 0;
    if (!isfinite(a) || fabs(a) > 1e100) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the slope is %g", function, a);
        return 0;
    }
    if (t->shape.ndim < 2) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE, "%s: a weight is out x in (x kernel), and this is %s", function,
                      cd_shape_text(t->shape, text));
        return 0;
    }
    int64_t count = t->shape.dim[fan == CD_FAN_IN ? 1 : 0];
    for (int i = 2; i < t->shape.ndim; i++) count *= t->shape.dim[i];
    if (count == 0) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: the fan is 0", function);
        return 0;
    }
    return sqrt(2.0 / (1 + a * a)) / sqrt((double)count);
}

cd_tensor *cd_init_kaiming_uniform_(cd_tensor *t, double a, cd_fan fan)
{
    double std = kaiming_std(t, a, fan, "init_kaiming_uniform_");
    double bound = sqrt(3.0) * std;
    return std > 0 ? cd_init_uniform_(t, -bound, bound) : NULL;
}

cd_tensor *cd_init_kaiming_normal_(cd_tensor *t, double a, cd_fan fan)
{
    double std = kaiming_std(t, a, fan, "init_kaiming_normal_");
    return std > 0 ? cd_init_normal_(t, 0, std) : NULL;
}
