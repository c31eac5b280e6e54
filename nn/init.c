#include "nn/init.h"

#include <math.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/random_internal.h"
#include "core/tensor_internal.h"

/* A start value is written, not computed: no graph, whatever the mode. */
static bool check(cd_tensor *t, const char *what)
{
    if (!cd_ok() || !cd_check_tensor(t, what, "the tensor")) return false;
    if (!cd_dtype_is_floating(t->dtype)) {
        return cd_fail(CD_ERR_DTYPE, "%s: only floating tensors have such values, not %s", what,
                       cd_dtype_name(t->dtype));
    }
    return t->contiguous ||
           cd_fail(CD_ERR_STATE, "%s: the elements of this view do not lie in one row", what);
}

cd_tensor *cd_init_constant_(cd_tensor *t, double value)
{
    if (!check(t, "init_constant_")) return NULL;
    cd_scope mode = cd_grad_mode_begin(false);
    cd_tensor *filled = cd_fill_(t, value);
    (void)cd_scope_end(mode);
    return filled;
}

typedef bool fill(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double a,
                  double b);

static cd_tensor *draw(cd_tensor *t, fill *from, double a, double b)
{
    cd_generator_state *state = cd_generator_lock(NULL);
    bool done = from(state, t->dtype, cd_tensor_data(t), t->numel, a, b);
    cd_generator_unlock(NULL);
    if (!done) return NULL;
    cd_tensor_bump(t);
    return t;
}

cd_tensor *cd_init_uniform_(cd_tensor *t, double from, double to)
{
    return check(t, "init_uniform_") ? draw(t, cd_random_uniform, from, to) : NULL;
}

cd_tensor *cd_init_normal_(cd_tensor *t, double mean, double std)
{
    return check(t, "init_normal_") ? draw(t, cd_random_normal, mean, std) : NULL;
}

/* gain / sqrt(fan); 0 when the shape has no fan. */
static double kaiming_deviation(cd_tensor *t, double a, cd_fan fan, const char *what)
{
    if (!check(t, what)) return 0;
    if (!isfinite(a) || fabs(a) > 1e100) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the slope is %g", what, a);
        return 0;
    }
    if (t->shape.ndim < 2) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE, "%s: a weight is out x in (x kernel), and this is %s", what,
                      cd_shape_text(t->shape, text));
        return 0;
    }
    int64_t count = t->shape.dim[fan == CD_FAN_IN ? 1 : 0];
    for (int i = 2; i < t->shape.ndim; i++) count *= t->shape.dim[i];
    if (count == 0) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: the fan is 0", what);
        return 0;
    }
    return sqrt(2.0 / (1 + a * a)) / sqrt((double)count);
}

cd_tensor *cd_init_kaiming_uniform_(cd_tensor *t, double a, cd_fan fan)
{
    double deviation = kaiming_deviation(t, a, fan, "init_kaiming_uniform_");
    double bound = sqrt(3.0) * deviation;
    return deviation > 0 ? draw(t, cd_random_uniform, -bound, bound) : NULL;
}

cd_tensor *cd_init_kaiming_normal_(cd_tensor *t, double a, cd_fan fan)
{
    double deviation = kaiming_deviation(t, a, fan, "init_kaiming_normal_");
    return deviation > 0 ? draw(t, cd_random_normal, 0, deviation) : NULL;
}
