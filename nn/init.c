/* Initial values of parameters, the same distribution for each element: nn/init.h. */
#include <math.h>

#include "core/error.h"
#include "nn/init_internal.h"

bool cd_init_check(cd_tensor *t, const char *function)
{
    if (!cd_ok() || !cd_check_tensor(t, function, "the tensor")) return false;
    return cd_dtype_is_floating(t->dtype) ||
           cd_fail(CD_ERR_DTYPE, "%s: only floating tensors have such values, not %s", function,
                   cd_dtype_name(t->dtype));
}

bool cd_init_check_finite(double value, const char *name, const char *function)
{
    return isfinite(value) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .%s is %g, and must be finite", function, name, value);
}

bool cd_init_refuse_shape(const cd_tensor *t, const char *function, const char *needs)
{
    char text[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_SHAPE, "%s: the tensor (%s) must have %s", function,
                   cd_shape_text(t->shape, text), needs);
}

cd_tensor *cd_init_set(cd_tensor *t, cd_tensor *values)
{
    if (!values) return NULL;
    CD_NO_GRAD();
    return cd_copy_(t, values);
}

cd_tensor *cd_init_constant_(cd_tensor *t, double value)
{
    if (!cd_init_check(t, "init_constant_")) return NULL;
    cd_scope mode = cd_grad_mode_begin(false);
    cd_tensor *filled = cd_fill_(t, value);
    (void)cd_scope_end(mode);
    return filled;
}

cd_tensor *cd_init_uniform_(cd_tensor *t, double from, double to)
{
    if (!cd_init_check(t, "init_uniform_")) return NULL;
    cd_scope mode = cd_grad_mode_begin(false);
    cd_tensor *drawn = cd_uniform_(t, from, to);
    (void)cd_scope_end(mode);
    return drawn;
}

cd_tensor *cd_init_normal_(cd_tensor *t, double mean, double std)
{
    if (!cd_init_check(t, "init_normal_")) return NULL;
    cd_scope mode = cd_grad_mode_begin(false);
    cd_tensor *drawn = cd_normal_(t, mean, std);
    (void)cd_scope_end(mode);
    return drawn;
}

cd_tensor *cd_init_ones_(cd_tensor *t)
{
    return cd_init_constant_(t, 1);
}

cd_tensor *cd_init_zeros_(cd_tensor *t)
{
    return cd_init_constant_(t, 0);
}

/* The probability that a normal number is below x. */
static double normal_below(double x)
{
    return (1 + erf(x / sqrt(2.0))) / 2;
}

/* The bound as a number of t's dtype. */
static double in_dtype(const cd_tensor *t, double bound)
{
    return t->dtype == CD_F32 ? (double)(float)bound : bound;
}

/* A range that draws hit too rarely ends with an error after as many rounds. */
enum { MOST_ROUNDS = 10000 };

static cd_tensor *refuse_rounds(void)
{
    (void)cd_fail(CD_ERR_ARGUMENT,
                  "init_trunc_normal_: after %d rounds there are still numbers to "
                  "be drawn: the range is too wide, or too far from the mean",
                  MOST_ROUNDS);
    return NULL;
}

/* Puts the tensor of the next round in the place of the last one's, which is freed at once: there
 * may be many rounds. False if there is none. */
static bool replace(cd_tensor **x, cd_tensor *next)
{
    if (!next) return false;
    (void)cd_drop(*x);
    *x = cd_escape(next);
    return *x;
}

/* Draws normal numbers, again where they are not in the range: for a range that many hit. */
static cd_tensor *redrawn(const cd_init_trunc_normal_options *o)
{
    const double low = in_dtype(o->t, o->a), high = in_dtype(o->t, o->b);
    cd_tensor *x = cd_normal_(cd_empty_like(o->t), o->mean, o->std, .generator = o->generator);
    for (int round = 0; round < MOST_ROUNDS && x; round++) {
        CD_SCOPE();
        cd_tensor *outside = cd_logical_or(cd_lt(x, low), cd_gt(x, high));
        cd_tensor *any = cd_any(outside);
        if (!any || cd_item(any) == 0) return cd_ok() ? cd_escape(x) : NULL;
        cd_tensor *again = cd_normal_(cd_empty_like(x), o->mean, o->std, .generator = o->generator);
        if (!replace(&x, cd_where(outside, again, x))) return NULL;
    }
    return x ? refuse_rounds() : NULL;
}

/* Where the logarithm of a uniform number is above the density at x, relative to its peak within
 * the range: there x is to be drawn again. */
static cd_tensor *rejected(const cd_init_trunc_normal_options *o, cd_tensor *x, double log_peak)
{
    cd_tensor *d = cd_div(cd_sub(x, o->mean), o->std);
    cd_tensor *log_density = cd_sub(cd_mul(cd_mul(d, d), -0.5), log_peak);
    cd_tensor *u = cd_uniform_(cd_empty_like(x), 0, 1, .generator = o->generator);
    return cd_gt(cd_log(u), log_density);
}

/* Draws uniform numbers and rejects them by the density: for a range that few normal numbers
 * hit. */
static cd_tensor *accepted(const cd_init_trunc_normal_options *o)
{
    const double mode = fmax(o->a, fmin(o->mean, o->b)), peak = (mode - o->mean) / o->std;
    const double log_peak = -0.5 * peak * peak;
    cd_tensor *x = cd_uniform_(cd_empty_like(o->t), o->a, o->b, .generator = o->generator);
    cd_tensor *pending = rejected(o, x, log_peak);
    for (int round = 0; round < MOST_ROUNDS && pending; round++) {
        CD_SCOPE();
        cd_tensor *any = cd_any(pending);
        if (!any || cd_item(any) == 0) return cd_ok() ? cd_escape(x) : NULL;
        cd_tensor *again = cd_uniform_(cd_empty_like(x), o->a, o->b, .generator = o->generator);
        if (!replace(&x, cd_where(pending, again, x)) ||
            !replace(&pending, cd_logical_and(pending, rejected(o, again, log_peak)))) {
            return NULL;
        }
    }
    return pending ? refuse_rounds() : NULL;
}

cd_tensor *cd_init_trunc_normal_with_(cd_init_trunc_normal_options o)
{
    static const char function[] = "init_trunc_normal_";
    if (o.std == 0 && !signbit(o.std)) o.std = 1;
    if (o.a == 0 && !signbit(o.a)) o.a = -2;
    if (o.b == 0 && !signbit(o.b)) o.b = 2;
    if (!cd_init_check(o.t, function) || !cd_init_check_finite(o.mean, "mean", function) ||
        !cd_init_check_finite(o.std, "std", function)) {
        return NULL;
    }
    if (!(o.a <= o.b) || !(o.std > 0)) {
        (void)cd_fail(
            CD_ERR_ARGUMENT,
            "%s: .std is %g and the range from %g to %g: .std must be above 0, and .a not "
            "above .b",
            function, o.std, o.a, o.b);
        return NULL;
    }
    if (cd_tensor_device(o.t) == CD_META) return o.t;
    CD_SCOPE();
    CD_NO_GRAD();
    const double hit = normal_below((o.b - o.mean) / o.std) - normal_below((o.a - o.mean) / o.std);
    return cd_init_set(o.t, hit > 0.3 ? redrawn(&o) : accepted(&o));
}
