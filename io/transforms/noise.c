/* Noise, normalisation, and several transforms as one. */
#include <math.h>

#include "autograd/ops_internal.h"
#include "core/error.h"
#include "core/tensor_internal.h"
#include "io/transforms/settings_internal.h"

/* --- noise ------------------------------------------------------------------------------------ */

/* One channel: `out` holds normal numbers, and becomes the noisy values of `in`. mean and std are
 * those of the channel. */
static void add_noise(const double *value, float mean, float std, const float *in, float *out,
                      int64_t n)
{
    float sigma = (float)value[NOISE_SIGMA], shift = (float)value[NOISE_SHIFT];
    bool clip = value[NOISE_NO_CLIP] == 0;
    for (int64_t i = 0; i < n; i++) {
        float level = in[i] * std + mean + (shift + out[i] * sigma);
        if (clip) level = level < 0 ? 0 : level > 1 ? 1 : level;
        out[i] = (level - mean) / std;
    }
}

static cd_tensor *gaussian_noise(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_levels levels;
    cd_generator_state *state;
    float *out;
    if (!cd_picture_open(t->name, x, &in) ||
        !cd_levels_open(t->name, t->value, in.channels, &levels)) {
        return NULL;
    }
    cd_tensor *y = cd_picture_new(t->name, in.channels, in.height, in.width, &out);
    if (!y) return NULL;
    if (!cd_draws_begin(t->name, g, &state)) {
        cd_object_disown(&y->object);
        return NULL;
    }
    int64_t plane = in.height * in.width;
    (void)cd_random_normal(state, CD_F32, out, in.channels * plane, 0, 1);
    cd_generator_unlock(g);
    for (int64_t c = 0; c < in.channels; c++) {
        float mean = levels.plain ? 0 : levels.mean[c], std = levels.plain ? 1 : levels.std[c];
        add_noise(t->value, mean, std, in.data + c * plane, out + c * plane, plane);
    }
    return cd_hand(y);
}

bool cd_noise_check(const char *name, const double *value)
{
    return cd_check_setting(name, ".sigma", value[NOISE_SIGMA], 0, 1e6) &&
           cd_check_setting(name, ".shift", value[NOISE_SHIFT], -1e6, 1e6) &&
           cd_check_levels(name, value);
}

cd_transform cd_gaussian_noise_with(cd_gaussian_noise_options o)
{
    cd_transform t = { .name = "gaussian_noise" };
    cd_setting_levels(t.value, o.mean, o.std);
    t.value[NOISE_SIGMA] = cd_option_or(o.sigma, 0.1);
    t.value[NOISE_SHIFT] = o.shift;
    t.value[NOISE_NO_CLIP] = o.no_clip;
    if (cd_noise_check(t.name, t.value)) t.apply = gaussian_noise;
    return t;
}

/* --- normalisation ---------------------------------------------------------------------------- */

static cd_tensor *normalize(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_levels levels;
    float *out;
    (void)g;
    if (!cd_picture_open(t->name, x, &in) ||
        !cd_levels_open(t->name, t->value, in.channels, &levels)) {
        return NULL;
    }
    if (levels.plain) return x;
    cd_tensor *y = cd_picture_new(t->name, in.channels, in.height, in.width, &out);
    if (!y) return NULL;
    int64_t plane = in.height * in.width;
    for (int64_t c = 0; c < in.channels; c++) {
        const float *from = in.data + c * plane;
        for (int64_t i = 0; i < plane; i++) *out++ = (from[i] - levels.mean[c]) / levels.std[c];
    }
    return cd_hand(y);
}

cd_transform cd_normalize_channels_with(cd_normalize_channels_options o)
{
    cd_transform t = { .name = "normalize_channels" };
    cd_setting_levels(t.value, o.mean, o.std);
    if (cd_check_levels(t.name, t.value)) t.apply = normalize;
    return t;
}

/* --- several as one --------------------------------------------------------------------------- */

enum { APPLY_P = CD_VALUE_OWN, APPLY_COUNT, APPLY_DEEP = 16 };

static _Thread_local int lists_open; /* of random_apply, one in another */

static cd_tensor *random_apply(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_generator_state *state;
    if (!cd_check_tensor(x, t->name, "the sample") || !cd_draws_begin(t->name, g, &state)) {
        return NULL;
    }
    bool chosen = cd_draw_chance(state, t->value[APPLY_P]);
    cd_generator_unlock(g);
    if (!chosen) return x;
    if (lists_open == APPLY_DEEP) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "%s: lists are in each other %d deep; a list must not contain the transform "
                      "that applies it",
                      t->name, APPLY_DEEP);
        return NULL;
    }
    lists_open++;
    x = cd_transforms_apply(t->context, (int)t->value[APPLY_COUNT], x, g);
    lists_open--;
    return x;
}

cd_transform cd_random_apply_with(cd_random_apply_options o)
{
    cd_transform t = { .name = "random_apply", .context = o.transforms };
    t.value[APPLY_P] = cd_option_or(o.p, 0.5);
    t.value[APPLY_COUNT] = o.count;
    if (!o.transforms || o.count < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %s", t.name,
                      o.transforms ? "the count of transforms must be 1 or more"
                                   : "the list of transforms is NULL");
    } else if (cd_check_setting(t.name, ".p", t.value[APPLY_P], 0, 1)) {
        t.apply = random_apply;
    }
    return t;
}
