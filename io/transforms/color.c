/* Brightness, contrast, saturation, hue and grey, on levels from 0 to 1 in planes of red, green and
 * blue. */
#include <math.h>
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/error.h"
#include "io/transforms/settings_internal.h"

/* Levels being changed in place: channels planes of n. */
typedef struct planes {
    float *data;
    int64_t channels, n;
} planes;

static float cut(float level)
{
    level = level < 0 ? 0 : level;
    return level > 1 ? 1 : level;
}

/* How bright a colour is (ITU-R BT.601). */
static float grey(float red, float green, float blue)
{
    return red * 0.2989f + green * 0.587f + blue * 0.114f;
}

/* --- the four changes ------------------------------------------------------------------------- */

static void brightness(const planes *p, double factor)
{
    float f = (float)factor;
    for (int64_t i = 0; i < p->channels * p->n; i++) p->data[i] = cut(p->data[i] * f);
}

/* The mean of the grey levels, summed by eights in float32 within blocks whose sums are added in
 * double. */
static double mean_grey(const planes *p)
{
    enum { BLOCK = 1024, LANES = 8 };
    const float *r = p->data, *g = r, *b = r;
    if (p->channels == 3) g = r + p->n, b = g + p->n;
    double total = 0;
    for (int64_t from = 0; from < p->n; from += BLOCK) {
        int64_t to = p->n - from < BLOCK ? p->n : from + BLOCK, i = from;
        float sum[LANES] = { 0 };
        for (; i + LANES <= to; i += LANES) {
            for (int k = 0; k < LANES; k++) {
                sum[k] += p->channels == 3 ? grey(r[i + k], g[i + k], b[i + k]) : r[i + k];
            }
        }
        for (; i < to; i++) sum[0] += p->channels == 3 ? grey(r[i], g[i], b[i]) : r[i];
        for (int k = 0; k < LANES; k++) total += (double)sum[k];
    }
    return total / (double)p->n;
}

static void contrast(const planes *p, double factor)
{
    float f = (float)factor, rest = (float)mean_grey(p) * (float)(1 - factor);
    for (int64_t i = 0; i < p->channels * p->n; i++) p->data[i] = cut(p->data[i] * f + rest);
}

static void saturation(const planes *p, double factor)
{
    if (p->channels == 1) return;
    float f = (float)factor, rest = (float)(1 - factor);
    float *restrict r = p->data, *restrict g = r + p->n, *restrict b = g + p->n;
    for (int64_t i = 0; i < p->n; i++) {
        float level = grey(r[i], g[i], b[i]) * rest;
        r[i] = cut(r[i] * f + level);
        g[i] = cut(g[i] * f + level);
        b[i] = cut(b[i] * f + level);
    }
}

static float larger(float a, float b)
{
    return a > b ? a : b;
}

static float smaller(float a, float b)
{
    return a < b ? a : b;
}

/* The hue of a colour, from 0 to 1: red 0, green 1/3, blue 2/3. max and range are those of its
 * three levels. */
static float hue_of(float r, float g, float b, float max, float range)
{
    float divisor = range == 0 ? 1 : range;
    float from_red = (max - r) / divisor, from_green = (max - g) / divisor;
    float from_blue = (max - b) / divisor;
    float sixths = max == r   ? from_blue - from_green
                   : max == g ? 2 + from_red - from_blue
                              : 4 + from_green - from_red;
    float h = sixths * (1.0f / 6.0f) + 1;
    return h >= 1 ? h - 1 : h;
}

/* The level of one of the three colours for a hue from -3 to 6, both in sixths of the circle: the
 * largest level within one sixth of the colour, the smallest from two sixths on, and linear
 * between. */
static float level_at(float h, float color, float max, float range)
{
    float distance = fabsf(h - color);
    distance = distance > 3 ? 6 - distance : distance;
    return distance <= 1 ? max : cut(max - range * cut(distance - 1));
}

static void hue(const planes *p, double shift)
{
    if (p->channels == 1) return;
    float by = (float)shift;
    float *restrict r = p->data, *restrict g = r + p->n, *restrict b = g + p->n;
    for (int64_t i = 0; i < p->n; i++) {
        float max = larger(r[i], larger(g[i], b[i])), min = smaller(r[i], smaller(g[i], b[i]));
        float h = hue_of(r[i], g[i], b[i], max, max - min) + by;
        h = 6 * (h >= 1 ? h - 1 : h); /* a shift is -0.5 or more: h is above -3 */
        r[i] = level_at(h, 0, max, max - min);
        g[i] = level_at(h, 2, max, max - min);
        b[i] = level_at(h, 4, max, max - min);
    }
}

/* --- jitter ----------------------------------------------------------------------------------- */

typedef void change(const planes *p, double factor);
static change *const changes[4] = { brightness, contrast, saturation, hue };

/* The factor, or shift of the hue, with which change k changes nothing. */
static double neutral(int k)
{
    return k == 3 ? 0 : 1;
}

/* out = in std + mean. */
static void to_levels(const cd_picture *in, const cd_levels *l, float *out)
{
    int64_t n = in->height * in->width;
    if (l->plain) {
        memcpy(out, in->data, (size_t)(in->channels * n) * sizeof *out);
        return;
    }
    for (int64_t c = 0; c < in->channels; c++) {
        const float *from = in->data + c * n;
        for (int64_t i = 0; i < n; i++) out[c * n + i] = from[i] * l->std[c] + l->mean[c];
    }
}

/* data = (data - mean) / std. */
static void to_values(const planes *p, const cd_levels *l)
{
    if (l->plain) return;
    for (int64_t c = 0; c < p->channels; c++) {
        float *data = p->data + c * p->n;
        for (int64_t i = 0; i < p->n; i++) data[i] = (data[i] - l->mean[c]) / l->std[c];
    }
}

/* Draws the order of the changes, and a factor for each that is not neutral. Returns how many are
 * not. */
static int draw_jitter(cd_generator_state *state, const double *value, int64_t order[4],
                       double factor[4], bool used[4])
{
    int count = 0;
    (void)cd_random_permutation(state, order, 4);
    for (int k = 0; k < 4; k++) {
        const double *range = value + JITTER_BRIGHTNESS + 2 * k;
        used[k] = range[0] != neutral(k) || range[1] != neutral(k);
        if (!used[k]) continue;
        factor[k] = cd_draw_uniform(state, range[0], range[1]);
        count++;
    }
    return count;
}

static cd_tensor *color_jitter(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_levels levels;
    cd_generator_state *state;
    int64_t order[4];
    double factor[4];
    bool used[4];
    if (!cd_picture_open_colors(t->name, x, &in) ||
        !cd_levels_open(t->name, t->value, in.channels, &levels) ||
        !cd_draws_begin(t->name, g, &state)) {
        return NULL;
    }
    int count = draw_jitter(state, t->value, order, factor, used);
    cd_generator_unlock(g);
    if (count == 0) return x;
    planes p = { .channels = in.channels, .n = in.height * in.width };
    cd_tensor *y = cd_picture_new(t->name, in.channels, in.height, in.width, &p.data);
    if (!y) return NULL;
    to_levels(&in, &levels, p.data);
    for (int i = 0; i < 4; i++) {
        if (used[order[i]]) changes[order[i]](&p, factor[order[i]]);
    }
    to_values(&p, &levels);
    return cd_hand(y);
}

/* 1 - amount to 1 + amount; for the hue -amount to amount. */
static void set_jitter(double *value, int k, double amount, const double *range)
{
    double from = neutral(k) - amount;
    if (k < 3 && from < 0 && amount >= 0) from = 0;
    cd_setting_range(value + JITTER_BRIGHTNESS + 2 * k, range, from, neutral(k) + amount);
}

bool cd_jitter_check(const char *name, const double *value)
{
    return cd_check_range(name, ".brightness", value + JITTER_BRIGHTNESS, 0, 1e6) &&
           cd_check_range(name, ".contrast", value + JITTER_CONTRAST, 0, 1e6) &&
           cd_check_range(name, ".saturation", value + JITTER_SATURATION, 0, 1e6) &&
           cd_check_range(name, ".hue", value + JITTER_HUE, -0.5, 0.5) &&
           cd_check_levels(name, value);
}

cd_transform cd_color_jitter_with(cd_color_jitter_options o)
{
    cd_transform t = { .name = "color_jitter" };
    cd_setting_levels(t.value, o.mean, o.std);
    set_jitter(t.value, 0, o.brightness, o.brightness_range);
    set_jitter(t.value, 1, o.contrast, o.contrast_range);
    set_jitter(t.value, 2, o.saturation, o.saturation_range);
    set_jitter(t.value, 3, o.hue, o.hue_range);
    if (cd_jitter_check(t.name, t.value)) t.apply = color_jitter;
    return t;
}

/* --- grey ------------------------------------------------------------------------------------- */

static cd_tensor *random_grayscale(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_levels levels;
    cd_generator_state *state;
    if (!cd_picture_open_colors(t->name, x, &in) ||
        !cd_levels_open(t->name, t->value, in.channels, &levels) ||
        !cd_draws_begin(t->name, g, &state)) {
        return NULL;
    }
    bool chosen = cd_draw_chance(state, t->value[FLIP_P]);
    cd_generator_unlock(g);
    if (!chosen || in.channels == 1) return x;
    planes p = { .channels = 3, .n = in.height * in.width };
    cd_tensor *y = cd_picture_new(t->name, 3, in.height, in.width, &p.data);
    if (!y) return NULL;
    to_levels(&in, &levels, p.data);
    float *restrict red = p.data, *restrict green = red + p.n, *restrict blue = green + p.n;
    for (int64_t i = 0; i < p.n; i++) {
        red[i] = green[i] = blue[i] = grey(red[i], green[i], blue[i]);
    }
    to_values(&p, &levels);
    return cd_hand(y);
}

bool cd_grayscale_check(const char *name, const double *value)
{
    return cd_flip_check(name, value) && cd_check_levels(name, value);
}

cd_transform cd_random_grayscale_with(cd_random_grayscale_options o)
{
    cd_transform t = { .name = "random_grayscale" };
    cd_setting_levels(t.value, o.mean, o.std);
    t.value[FLIP_P] = cd_option_or(o.p, 0.1);
    if (cd_grayscale_check(t.name, t.value)) t.apply = random_grayscale;
    return t;
}
