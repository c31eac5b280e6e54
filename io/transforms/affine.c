/* Rotation, shift, scaling and shearing: each pixel of the result looks up its place in the
 * picture, through the inverse of the transformation. */
#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/object_internal.h"
#include "io/transforms/settings_internal.h"

/* Pixels whose places are computed at once: they stay in the first cache. */
enum { STRIP = 128 };

/* The place of the result's pixel (x, y), counted from the middle, is (matrix[0] x + matrix[1] y +
 * matrix[2], matrix[3] x + matrix[4] y + matrix[5]), in pixels from the middle of the picture. */
typedef struct affine {
    double matrix[6];
    bool bilinear;
} affine;

/* The inverse of: shear by (x, y), scale, rotate, shift by (dx, dy), angles in radians. With
 * R = rotation after shears, of determinant 1, it is R^-1 / scale after the shift back. */
static void inverse(affine *a, double angle, const double *shift, double scale, const double *shear)
{
    double p = cos(angle - shear[1]) / cos(shear[1]);
    double q = -(p * tan(shear[0]) + sin(angle));
    double r = sin(angle - shear[1]) / cos(shear[1]);
    double s = cos(angle) - r * tan(shear[0]);
    double *m = a->matrix;
    m[0] = s / scale;
    m[1] = -q / scale;
    m[3] = -r / scale;
    m[4] = p / scale;
    m[2] = -m[0] * shift[0] - m[1] * shift[1];
    m[5] = -m[3] * shift[0] - m[4] * shift[1];
}

/* --- places ----------------------------------------------------------------------------------- */

/* One coordinate of a place. PyTorch computes it in float32 as a part of half the picture's side,
 * by a matrix product and then in grid_sample; the same roundings give the same nearest pixels. */
typedef struct coordinate {
    float by_x, by_y, constant; /* divided by half the side */
    float half;
} coordinate;

static coordinate coordinate_make(const double *row, int64_t side)
{
    float half = 0.5f * (float)side;
    return (coordinate){ (float)row[0] / half, (float)row[1] / half, (float)row[2] / half, half };
}

/* The coordinates, as pixels of the picture, of n pixels of a row of the result. */
static void places(const coordinate *c, float x, float y, int n, float *out)
{
    for (int i = 0; i < n; i++) {
        float part = (x + (float)i) * c->by_x + y * c->by_y + c->constant;
        out[i] = (part + 1) * c->half - 0.5f;
    }
}

/* --- pixels ----------------------------------------------------------------------------------- */

/* Rounds half to even, as long as |value| is below 2^22; beyond that the result is as far outside
 * the picture as value. */
static float nearest(float value)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: a sum with it has no fraction */
    float rounded = (value + shift) - shift;
    return fabsf(value) < 4194304.0f ? rounded : value;
}

/* The positions of the nearest pixels in a plane; -1 outside. */
static void nearest_positions(const cd_picture *in, const float *x, const float *y, int n,
                              int64_t *position)
{
    float width = (float)in->width, height = (float)in->height;
    for (int i = 0; i < n; i++) {
        float column = nearest(x[i]), row = nearest(y[i]);
        bool inside = column >= 0 && column < width && row >= 0 && row < height;
        position[i] = inside ? (int64_t)row * in->width + (int64_t)column : -1;
    }
}

/* What lies outside the picture, for each channel (from the third on alike). */
typedef struct outside {
    float value[3];          /* of the fill */
    float fill[3], black[3]; /* the fill's level, and minus the value of level 0, both in units of
                                the values: level / std, mean / std */
} outside;

static outside outside_make(const double *value)
{
    outside o;
    for (int c = 0; c < 3; c++) {
        double std = value[CD_VALUE_STD + c];
        o.value[c] = cd_level_value(value, c, value[AFFINE_FILL]);
        o.fill[c] = (float)(value[AFFINE_FILL] / std);
        o.black[c] = (float)(value[CD_VALUE_MEAN + c] / std);
    }
    return o;
}

static void nearest_strip(const cd_picture *in, const outside *o, const float *x, const float *y,
                          int n, float *out)
{
    int64_t position[STRIP], plane = in->height * in->width;
    nearest_positions(in, x, y, n, position);
    for (int64_t c = 0; c < in->channels; c++) {
        const float *from = in->data + c * plane;
        float value = o->value[c < 3 ? c : 2];
        for (int i = 0; i < n; i++) {
            out[c * plane + i] = position[i] >= 0 ? from[position[i]] : value;
        }
    }
}

/* Four neighbours of a place, and their weights. A neighbour outside the picture has weight 0 and
 * the position of one inside: a pixel far away may be infinite, and 0 times it is no number. */
typedef struct neighbours {
    bool any; /* whether one of them is inside */
    int64_t position[4];
    float weight[4];
} neighbours;

static neighbours neighbours_of(const cd_picture *in, float x, float y)
{
    neighbours n = { .any = false };
    float left = floorf(x), top = floorf(y);
    if (!(left >= -1 && left < (float)in->width && top >= -1 && top < (float)in->height)) return n;
    float right_part = x - left, bottom_part = y - top;
    int64_t column_inside = left < 0 ? 0 : (int64_t)left, row_inside = top < 0 ? 0 : (int64_t)top;
    n.any = true;
    for (int k = 0; k < 4; k++) {
        int64_t column = (int64_t)left + (k & 1), row = (int64_t)top + (k >> 1);
        n.position[k] = row_inside * in->width + column_inside;
        if (column < 0 || column >= in->width || row < 0 || row >= in->height) continue;
        n.position[k] = row * in->width + column;
        n.weight[k] =
            (k & 1 ? right_part : 1 - right_part) * (k >> 1 ? bottom_part : 1 - bottom_part);
    }
    return n;
}

/* As torchvision, of levels: (sum - fill) inside + fill, where `inside` is the sum of the weights
 * inside the picture. Beyond the rim the sum is short by the same part, so the fill is not what the
 * picture fades to there unless it is 0. A sum of values is made one of levels, in units of the
 * values, by + inside black. */
static void bilinear_strip(const cd_picture *in, const outside *o, const float *x, const float *y,
                           int n, float *out)
{
    int64_t plane = in->height * in->width;
    for (int i = 0; i < n; i++) {
        neighbours near = neighbours_of(in, x[i], y[i]);
        const float *w = near.weight;
        float inside = w[0] + w[1] + w[2] + w[3];
        for (int64_t c = 0; c < in->channels; c++) {
            const float *from = in->data + c * plane;
            float sum = 0;
            if (near.any) {
                sum = from[near.position[0]] * w[0] + from[near.position[1]] * w[1] +
                      from[near.position[2]] * w[2] + from[near.position[3]] * w[3];
            }
            float fill = o->fill[c < 3 ? c : 2], black = o->black[c < 3 ? c : 2];
            out[c * plane + i] = (sum + inside * black - fill) * inside + fill - black;
        }
    }
}

static void sample(const cd_picture *in, const affine *a, const outside *o, float *out)
{
    coordinate column = coordinate_make(a->matrix, in->width);
    coordinate row = coordinate_make(a->matrix + 3, in->height);
    float first = (float)(1 - in->width) * 0.5f;
    for (int64_t r = 0; r < in->height; r++) {
        float y = (float)(1 - in->height) * 0.5f + (float)r;
        for (int64_t done = 0; done < in->width; done += STRIP) {
            int n = in->width - done < STRIP ? (int)(in->width - done) : STRIP;
            float place_x[STRIP], place_y[STRIP];
            places(&column, first + (float)done, y, n, place_x);
            places(&row, first + (float)done, y, n, place_y);
            float *to = out + r * in->width + done;
            if (a->bilinear) {
                bilinear_strip(in, o, place_x, place_y, n, to);
            } else {
                nearest_strip(in, o, place_x, place_y, n, to);
            }
        }
    }
}

static cd_tensor *sampled(const cd_transform *t, const cd_picture *in, const affine *a)
{
    cd_levels levels;
    float *out;
    if (!cd_levels_open(t->name, t->value, in->channels, &levels)) return NULL;
    cd_tensor *y = cd_picture_new(t->name, in->channels, in->height, in->width, &out);
    if (!y) return NULL;
    outside o = outside_make(t->value);
    sample(in, a, &o, out);
    return cd_hand(y);
}

/* --- rotation by quarters --------------------------------------------------------------------- */

/* A rotation by `quarters` right angles, anticlockwise, of a picture that keeps its size: any for
 * 2, a square for 1 and 3. */
static cd_tensor *turned(const cd_transform *t, const cd_picture *in, int quarters)
{
    float *out;
    cd_tensor *y = cd_picture_new(t->name, in->channels, in->height, in->width, &out);
    if (!y) return NULL;
    int64_t w = in->width, h = in->height, origin = w * h - 1, by_row = -w, by_column = -1;
    if (quarters == 1) origin = w - 1, by_row = -1, by_column = w;
    if (quarters == 3) origin = w * (h - 1), by_row = 1, by_column = -w;
    for (int64_t c = 0; c < in->channels; c++) {
        const float *plane = in->data + c * w * h;
        for (int64_t r = 0; r < h; r++) {
            const float *from = plane + origin + r * by_row;
            for (int64_t i = 0; i < w; i++) *out++ = from[i * by_column];
        }
    }
    return cd_hand(y);
}

static const double radian = 0.017453292519943295; /* pi / 180 */

static cd_tensor *random_rotation(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_generator_state *state;
    const double none[2] = { 0 };
    if (!cd_picture_open(t->name, x, &in) || !cd_draws_begin(t->name, g, &state)) return NULL;
    double degrees = cd_draw_uniform(state, t->value[AFFINE_DEGREES], t->value[AFFINE_DEGREES + 1]);
    cd_generator_unlock(g);
    degrees = fmod(degrees, 360);
    if (degrees < 0) degrees += 360;
    if (degrees == 0) return x;
    if (degrees == 180) return turned(t, &in, 2);
    if (in.width == in.height && degrees == 90) return turned(t, &in, 1);
    if (in.width == in.height && degrees == 270) return turned(t, &in, 3);
    affine a = { .bilinear = t->value[AFFINE_BILINEAR] != 0 };
    inverse(&a, -degrees * radian, none, 1, none);
    return sampled(t, &in, &a);
}

/* --- affine ----------------------------------------------------------------------------------- */

static bool is_given(const double *range)
{
    return range[0] != 0 || range[1] != 0;
}

/* The parameters of one picture, in torchvision's order of draws. */
static affine draw_affine(cd_generator_state *state, const double *value, const cd_picture *in)
{
    const double *translate = value + AFFINE_TRANSLATE, *scale = value + AFFINE_SCALE;
    const double *shear = value + AFFINE_SHEAR;
    double shift[2] = { 0 }, angles[2] = { 0 }, factor = 1;
    double angle = cd_draw_uniform(state, value[AFFINE_DEGREES], value[AFFINE_DEGREES + 1]);
    if (is_given(translate)) {
        double most[2] = { translate[0] * (double)in->width, translate[1] * (double)in->height };
        for (int i = 0; i < 2; i++) shift[i] = nearbyint(cd_draw_uniform(state, -most[i], most[i]));
    }
    if (is_given(scale)) factor = cd_draw_uniform(state, scale[0], scale[1]);
    if (is_given(shear) || is_given(shear + 2)) {
        angles[0] = cd_draw_uniform(state, shear[0], shear[1]);
        if (is_given(shear + 2)) angles[1] = cd_draw_uniform(state, shear[2], shear[3]);
    }
    affine a = { .bilinear = value[AFFINE_BILINEAR] != 0 };
    angles[0] *= radian;
    angles[1] *= radian;
    inverse(&a, angle * radian, shift, factor, angles);
    return a;
}

static cd_tensor *random_affine(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_generator_state *state;
    if (!cd_picture_open(t->name, x, &in) || !cd_draws_begin(t->name, g, &state)) return NULL;
    affine a = draw_affine(state, t->value, &in);
    cd_generator_unlock(g);
    return sampled(t, &in, &a);
}

/* --- constructors ----------------------------------------------------------------------------- */

bool cd_affine_check(const char *name, const double *value)
{
    const double *scale = value + AFFINE_SCALE;
    if (!isfinite((float)value[AFFINE_FILL])) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .fill is %g; it must be a finite number", name,
                       value[AFFINE_FILL]);
    }
    return cd_check_range(name, ".degrees", value + AFFINE_DEGREES, -36000, 36000) &&
           cd_check_setting(name, ".translate[0]", value[AFFINE_TRANSLATE], 0, 1) &&
           cd_check_setting(name, ".translate[1]", value[AFFINE_TRANSLATE + 1], 0, 1) &&
           (!(scale[0] != 0 || scale[1] != 0) ||
            cd_check_range(name, ".scale", scale, 1e-3, 1e3)) &&
           cd_check_range(name, ".shear (x)", value + AFFINE_SHEAR, -89, 89) &&
           cd_check_range(name, ".shear (y)", value + AFFINE_SHEAR + 2, -89, 89) &&
           cd_check_levels(name, value);
}

static void set_degrees(double *value, double degrees, const double *range)
{
    cd_setting_range(value + AFFINE_DEGREES, range, -degrees, degrees);
}

cd_transform cd_random_rotation_with(cd_random_rotation_options o)
{
    cd_transform t = { .name = "random_rotation" };
    cd_setting_levels(t.value, o.mean, o.std);
    set_degrees(t.value, o.degrees, o.degrees_range);
    t.value[AFFINE_BILINEAR] = o.bilinear;
    t.value[AFFINE_FILL] = o.fill;
    if (o.expand) {
        (void)cd_fail(CD_ERR_UNSUPPORTED,
                      "%s: .expand is not supported: pictures of different sizes could not be "
                      "stacked to a batch; without it the corners are cut",
                      t.name);
    } else if (cd_affine_check(t.name, t.value)) {
        t.apply = random_rotation;
    }
    return t;
}

cd_transform cd_random_affine_with(cd_random_affine_options o)
{
    cd_transform t = { .name = "random_affine" };
    cd_setting_levels(t.value, o.mean, o.std);
    set_degrees(t.value, o.degrees, o.degrees_range);
    memcpy(t.value + AFFINE_TRANSLATE, o.translate, sizeof o.translate);
    memcpy(t.value + AFFINE_SCALE, o.scale, sizeof o.scale);
    memcpy(t.value + AFFINE_SHEAR, o.shear, sizeof o.shear);
    t.value[AFFINE_BILINEAR] = o.bilinear;
    t.value[AFFINE_FILL] = o.fill;
    if (cd_affine_check(t.name, t.value)) t.apply = random_affine;
    return t;
}
