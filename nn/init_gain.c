/* Initial values whose deviation depends on the shape: Xavier and Kaiming (nn/init.h). */
#include <math.h>

#include "core/error.h"
#include "nn/init_internal.h"

/* NaN with an error for a number that is no cd_gain. */
static double gain_of(cd_gain nonlinearity, double slope, const char *function)
{
    switch (nonlinearity) {
    case CD_GAIN_LEAKY_RELU:
        return sqrt(2.0 / (1 + slope * slope));
    case CD_GAIN_RELU:
        return sqrt(2.0);
    case CD_GAIN_TANH:
        return 5.0 / 3;
    case CD_GAIN_SELU:
        return 3.0 / 4;
    case CD_GAIN_LINEAR:
    case CD_GAIN_SIGMOID:
        return 1;
    }
    (void)cd_fail(CD_ERR_ARGUMENT, "%s: %d is no nonlinearity: see CD_GAIN_LEAKY_RELU", function,
                  (int)nonlinearity);
    return (double)NAN;
}

/* A slope must be finite, and so small that its square is finite too. */
static bool check_slope(double slope, const char *function)
{
    return (isfinite(slope) && fabs(slope) <= 1e100) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: the slope is %g, and must be from -1e100 to 1e100",
                   function, slope);
}

double cd_init_gain_with(cd_init_gain_options o)
{
    if (o.slope == 0 && !signbit(o.slope)) o.slope = 0.01;
    if (!check_slope(o.slope, "init_gain")) return (double)NAN;
    return gain_of(o.nonlinearity, o.slope, "init_gain");
}

/* Sets the numbers of inputs and outputs of a weight out x in (x kernel). */
static bool fans_of(cd_tensor *t, const char *function, double *in, double *out)
{
    if (!cd_init_check(t, function)) return false;
    if (t->shape.ndim < 2) {
        return cd_init_refuse_shape(t, function,
                                    "2 dimensions or more, out x in, or out x in x kernel of a "
                                    "convolution; a bias is set by cd_init_zeros_ or "
                                    "cd_init_uniform_");
    }
    double kernel = 1;
    for (int i = 2; i < t->shape.ndim; i++) kernel *= (double)t->shape.dim[i];
    *in = (double)t->shape.dim[1] * kernel;
    *out = (double)t->shape.dim[0] * kernel;
    return true;
}

/* --- Kaiming ---------------------------------------------------------------------------------- */

/* The standard deviation, gain / sqrt(fan); 0 with an error. */
static double kaiming_std(const cd_init_kaiming_options *o, const char *function)
{
    double in = 0, out = 0;
    if (!fans_of(o->t, function, &in, &out) || !check_slope(o->a, function)) return 0;
    if (o->fan != CD_FAN_IN && o->fan != CD_FAN_OUT) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %d is no fan: it is CD_FAN_IN or CD_FAN_OUT", function,
                      (int)o->fan);
        return 0;
    }
    const double fan = o->fan == CD_FAN_IN ? in : out;
    const double gain = gain_of(o->nonlinearity, o->a, function);
    if (!cd_ok()) return 0;
    if (fan == 0)
        (void)cd_fail(CD_ERR_SHAPE, "%s: the fan is 0: the tensor has no elements", function);
    return fan > 0 ? gain / sqrt(fan) : 0;
}

static cd_tensor *draw_uniform(cd_tensor *t, double std, cd_generator *generator)
{
    const double bound = sqrt(3.0) * std;
    CD_NO_GRAD();
    return cd_uniform_(t, -bound, bound, .generator = generator);
}

static cd_tensor *draw_normal(cd_tensor *t, double std, cd_generator *generator)
{
    CD_NO_GRAD();
    return cd_normal_(t, 0, std, .generator = generator);
}

cd_tensor *cd_init_kaiming_uniform_with_(cd_init_kaiming_options o)
{
    const double std = kaiming_std(&o, "init_kaiming_uniform_");
    return std > 0 ? draw_uniform(o.t, std, o.generator) : NULL;
}

cd_tensor *cd_init_kaiming_normal_with_(cd_init_kaiming_options o)
{
    const double std = kaiming_std(&o, "init_kaiming_normal_");
    return std > 0 ? draw_normal(o.t, std, o.generator) : NULL;
}

/* --- Xavier ----------------------------------------------------------------------------------- */

/* The standard deviation, gain * sqrt(2 / (fan_in + fan_out)); -1 with an error. */
static double xavier_std(cd_init_xavier_options *o, const char *function)
{
    double in = 0, out = 0;
    if (o->gain == 0 && !signbit(o->gain)) o->gain = 1;
    if (!fans_of(o->t, function, &in, &out) || !cd_init_check_finite(o->gain, "gain", function))
        return -1;
    if (o->gain < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .gain is %g, and must be 0 or more", function, o->gain);
        return -1;
    }
    if (in + out > 0) return o->gain * sqrt(2 / (in + out));
    (void)cd_fail(CD_ERR_SHAPE, "%s: both fans are 0: the tensor has no elements", function);
    return -1;
}

cd_tensor *cd_init_xavier_uniform_with_(cd_init_xavier_options o)
{
    const double std = xavier_std(&o, "init_xavier_uniform_");
    return std >= 0 ? draw_uniform(o.t, std, o.generator) : NULL;
}

cd_tensor *cd_init_xavier_normal_with_(cd_init_xavier_options o)
{
    const double std = xavier_std(&o, "init_xavier_normal_");
    return std >= 0 ? draw_normal(o.t, std, o.generator) : NULL;
}
