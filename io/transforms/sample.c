/* What all transforms share: applying a list, a sample as a picture, settings, and draws. */
#include <math.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/transforms/transform_internal.h"

/* --- lists ------------------------------------------------------------------------------------ */

static bool check_list(const char *function, const void *list, int count)
{
    if (!cd_ok()) return false;
    if (count < 0 || (count > 0 && !list)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %d transforms%s", function, count,
                       count < 0 ? "; the count must be 0 or more" : ", but the list is NULL");
    }
    return true;
}

/* The error of transform i, unless it set one itself. */
static bool fail_item(const char *function, int i, const char *name, bool has_function)
{
    if (has_function) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: transform %d (%s) failed and set no error", function,
                       i, name ? name : "without a name");
    }
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s: transform %d (%s) has no function; its constructor may have failed",
                   function, i, name ? name : "without a name");
}

cd_tensor *cd_transforms_apply(const cd_transform *transforms, int count, cd_tensor *x,
                               cd_generator *g)
{
    static const char function[] = "transforms_apply";
    if (!check_list(function, transforms, count) || !cd_check_tensor(x, function, "the sample")) {
        return NULL;
    }
    cd_tensor *first = x;
    CD_SCOPE();
    for (int i = 0; i < count; i++) {
        const cd_transform *t = &transforms[i];
        x = t->apply ? t->apply(t, x, g) : NULL;
        if (!x || !cd_ok()) {
            (void)fail_item(function, i, t->name, t->apply != NULL);
            return NULL;
        }
    }
    return x == first ? x : cd_escape(x);
}

/* Makes a tensor of the batch valid after the scope of the transforms, if it is a new one. */
static bool hand_out(cd_tensor *now, const cd_tensor *before)
{
    return !now || now == before || cd_escape(now);
}

bool cd_batch_transforms_apply(const cd_batch_transform *transforms, int count, cd_batch *b,
                               cd_generator *g)
{
    static const char function[] = "batch_transforms_apply";
    if (!check_list(function, transforms, count)) return false;
    if (!b) return cd_fail(CD_ERR_ARGUMENT, "%s: the batch is NULL", function);
    cd_batch now = *b;
    CD_SCOPE();
    for (int i = 0; i < count; i++) {
        const cd_batch_transform *t = &transforms[i];
        if (t->apply && t->apply(t, &now, g) && cd_ok()) continue;
        return fail_item(function, i, t->name, t->apply != NULL);
    }
    if (!hand_out(now.x, b->x) || !hand_out(now.y, b->y)) return false;
    *b = now;
    return true;
}

/* --- settings --------------------------------------------------------------------------------- */

void cd_setting_levels(double *value, const double *mean, const double *std)
{
    for (int c = 0; c < 3; c++) {
        value[CD_VALUE_MEAN + c] = mean[c];
        value[CD_VALUE_STD + c] = std[c] != 0 ? std[c] : 1;
    }
}

bool cd_check_levels(const char *name, const double *value)
{
    const double *mean = value + CD_VALUE_MEAN, *std = value + CD_VALUE_STD;
    for (int c = 0; c < 3; c++) {
        if (!isfinite((float)mean[c])) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: .mean[%d] is %g; it must be a finite number", name,
                           c, mean[c]);
        }
        if (!isfinite((float)std[c]) || !((float)std[c] > 0)) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: .std[%d] is %g; it must be above 0 and finite",
                           name, c, std[c]);
        }
    }
    return true;
}

bool cd_check_setting(const char *name, const char *setting, double value, double least,
                      double most)
{
    if (value >= least && value <= most) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: %s is %g; it must be from %g to %g", name, setting, value,
                   least, most);
}

bool cd_check_range(const char *name, const char *setting, const double *range, double least,
                    double most)
{
    if (range[0] >= least && range[1] <= most && range[0] <= range[1]) return true;
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s: %s is from %g to %g; both must be from %g to %g, and the first not above "
                   "the second",
                   name, setting, range[0], range[1], least, most);
}

void cd_setting_range(double *range, const double *option, double from, double to)
{
    bool given = option[0] != 0 || option[1] != 0;
    range[0] = given ? option[0] : from;
    range[1] = given ? option[1] : to;
}

/* --- samples ---------------------------------------------------------------------------------- */

bool cd_picture_open(const char *name, cd_tensor *x, cd_picture *picture)
{
    static const char reason[] = "transforms read the elements of a sample";
    char shape[CD_SHAPE_TEXT];
    if (!cd_ok() || !cd_check_tensor(x, name, "the sample")) return false;
    if (x->dtype != CD_F32) {
        return cd_fail(CD_ERR_DTYPE, "%s: the sample is %s; it must be float32", name,
                       cd_dtype_name(x->dtype));
    }
    if (x->shape.ndim != 3 || x->numel == 0 || x->shape.dim[1] > CD_PICTURE_MAX_SIDE ||
        x->shape.dim[2] > CD_PICTURE_MAX_SIDE) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: the sample is %s; it must be channels x height x width, none of them "
                       "0, sides up to %d",
                       name, cd_shape_text(x->shape, shape), CD_PICTURE_MAX_SIDE);
    }
    if (cd_tensor_device(x) != CD_CPU) {
        return cd_fail(CD_ERR_DEVICE, "%s: the sample is on the device %s; it must be on the CPU",
                       name, cd_device_name(cd_tensor_device(x)));
    }
    if (!cd_check_not_captured(name, reason)) return false;
    if (!x->contiguous) x = cd_contiguous(x);
    if (!x) return false;
    *picture = (cd_picture){ .channels = x->shape.dim[0],
                             .height = x->shape.dim[1],
                             .width = x->shape.dim[2],
                             .data = (const float *)(const void *)x->data };
    return true;
}

bool cd_picture_open_colors(const char *name, cd_tensor *x, cd_picture *picture)
{
    if (!cd_picture_open(name, x, picture)) return false;
    if (picture->channels == 1 || picture->channels == 3) return true;
    return cd_fail(CD_ERR_SHAPE,
                   "%s: the sample has %lld channels; colours need 1 (grey) or 3 (RGB)", name,
                   (long long)picture->channels);
}

cd_tensor *cd_picture_new(const char *name, int64_t channels, int64_t height, int64_t width,
                          float **data)
{
    cd_tensor *y =
        cd_tensor_new(name, CD_F32, (cd_shape){ .ndim = 3, .dim = { channels, height, width } });
    if (y) *data = (float *)(void *)y->data;
    return y;
}

bool cd_levels_open(const char *name, const double *value, int64_t channels, cd_levels *levels)
{
    levels->plain = true;
    for (int c = 0; c < 3; c++) {
        double mean = value[CD_VALUE_MEAN + c], std = value[CD_VALUE_STD + c];
        levels->mean[c] = (float)mean;
        levels->std[c] = (float)std;
        if (c < channels && (mean != 0 || std != 1)) levels->plain = false;
    }
    if (levels->plain || channels <= 3) return true;
    return cd_fail(CD_ERR_SHAPE,
                   "%s: the sample has %lld channels, and .mean and .std are for up to 3", name,
                   (long long)channels);
}

float cd_level_value(const double *value, int64_t channel, double level)
{
    int c = channel < 3 ? (int)channel : 2;
    return (float)((level - value[CD_VALUE_MEAN + c]) / value[CD_VALUE_STD + c]);
}

/* --- draws ------------------------------------------------------------------------------------ */

bool cd_draws_begin(const char *name, const cd_generator *g, cd_generator_state **state)
{
    if (!cd_ok() || !cd_generator_check(g, name)) return false;
    if (!cd_check_not_captured(name, "a transform draws random numbers for one sample")) {
        return false;
    }
    *state = cd_generator_lock(g);
    return true;
}

double cd_draw_uniform(cd_generator_state *state, double from, double to)
{
    float value = 0;
    (void)cd_random_uniform(state, CD_F32, &value, 1, from, to);
    return value;
}

void cd_draw_sides(cd_generator_state *state, const cd_picture *picture, const double *scale,
                   const double *ratio, double sides[2])
{
    const double area = (double)picture->height * (double)picture->width;
    const double from = (double)logf((float)ratio[0]), to = (double)logf((float)ratio[1]);
    const double wanted = area * cd_draw_uniform(state, scale[0], scale[1]);
    const double aspect = (double)expf((float)cd_draw_uniform(state, from, to));
    sides[0] = nearbyint(sqrt(wanted * aspect));
    sides[1] = nearbyint(sqrt(wanted / aspect));
}

int64_t cd_draw_integer(cd_generator_state *state, int64_t low, int64_t high)
{
    int64_t value = low;
    (void)cd_random_integers(state, CD_I64, &value, 1, low, high);
    return value;
}

bool cd_draw_chance(cd_generator_state *state, double p)
{
    return cd_random_f32(state) < (float)p;
}

/* A number of the gamma distribution by the method of Marsaglia and Tsang (2000), ACM TOMS 26,
 * "A simple method for generating gamma variables", with the draws, and the constants in float32,
 * of PyTorch. */
static double draw_gamma(cd_generator_state *state, double alpha)
{
    double scale = 1;
    if (alpha < 1) {
        scale = pow(1 - cd_random_f64(state), 1 / alpha);
        alpha += 1;
    }
    double d = alpha - (double)(1.0f / 3.0f), c = 1 / sqrt(9 * d);
    for (;;) {
        double x = 0, y;
        do {
            (void)cd_random_normal_single(state, CD_F64, &x, 1, 0, 1);
            y = 1 + c * x;
        } while (y <= 0);
        double v = y * y * y, u = 1 - cd_random_f64(state), xx = x * x;
        if (u < 1 - (double)0.0331f * xx * xx) return scale * d * v;
        if (log(u) < 0.5 * xx + d * (1 - v + log(v))) return scale * d * v;
    }
}

double cd_draw_beta(cd_generator_state *state, double alpha)
{
    double a = fmax(draw_gamma(state, (float)alpha), 2.2250738585072014e-308);
    double b = fmax(draw_gamma(state, (float)alpha), 2.2250738585072014e-308);
    float share = (float)(a / (a + b));
    return fminf(fmaxf(share, 1.17549435e-38f), nextafterf(1, 0));
}
