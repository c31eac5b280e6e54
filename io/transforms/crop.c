/* Crops, of the picture as it is or with pixels around it. A crop reads the padded picture, which
 * is never made: each side of the result has its place in it. */
#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/object_internal.h"
#include "io/resize_internal.h"
#include "io/transforms/settings_internal.h"

/* One side of a crop: pixel i of the result is pixel first + i of the picture, which may be outside
 * it. */
typedef struct side {
    int64_t first, out, in;
    int64_t begin, end; /* the pixels of the result that are inside the picture */
} side;

static side side_make(int64_t first, int64_t out, int64_t in)
{
    side s = { .first = first, .out = out, .in = in };
    s.begin = first >= 0 ? 0 : -first < out ? -first : out;
    s.end = in - first < out ? in - first : out;
    if (s.end < s.begin) s.end = s.begin;
    return s;
}

/* The pixel of the picture that pixel i of the result, outside of it, is a copy of. padding_fits
 * has checked that padding reaches no further than the mirrored picture. */
static int64_t outside(const side *s, int64_t i, cd_picture_padding mode)
{
    int64_t p = s->first + i, last = s->in - 1;
    bool before = p < 0;
    switch (mode) {
    case CD_PICTURE_PADDING_REFLECT:
        return before ? -p : 2 * last - p;
    case CD_PICTURE_PADDING_SYMMETRIC:
        return before ? -p - 1 : 2 * last + 1 - p;
    case CD_PICTURE_PADDING_CONSTANT:
    case CD_PICTURE_PADDING_EDGE:
        break;
    }
    return before ? 0 : last;
}

static void fill_with(float *out, int64_t n, float value)
{
    for (int64_t i = 0; i < n; i++) out[i] = value;
}

/* One row of the result from its row of the picture. */
static void crop_row(const side *s, cd_picture_padding mode, float fill, const float *in,
                     float *out)
{
    if (mode == CD_PICTURE_PADDING_CONSTANT) {
        fill_with(out, s->begin, fill);
        fill_with(out + s->end, s->out - s->end, fill);
    } else {
        for (int64_t i = 0; i < s->begin; i++) out[i] = in[outside(s, i, mode)];
        for (int64_t i = s->end; i < s->out; i++) out[i] = in[outside(s, i, mode)];
    }
    if (s->end > s->begin) {
        memcpy(out + s->begin, in + s->first + s->begin, (size_t)(s->end - s->begin) * sizeof *out);
    }
}

/* The crop whose top left corner is at (top, left) of the picture. */
static cd_tensor *crop(const cd_transform *t, const cd_picture *in, int64_t top, int64_t left,
                       cd_picture_padding mode)
{
    side rows = side_make(top, (int64_t)t->value[SIDE_HEIGHT], in->height);
    side columns = side_make(left, (int64_t)t->value[SIDE_WIDTH], in->width);
    cd_levels levels;
    float *out;
    if (!cd_levels_open(t->name, t->value, in->channels, &levels)) return NULL;
    cd_tensor *y = cd_picture_new(t->name, in->channels, rows.out, columns.out, &out);
    if (!y) return NULL;
    for (int64_t c = 0; c < in->channels; c++) {
        const float *plane = in->data + c * in->height * in->width;
        float fill = cd_level_value(t->value, c, t->value[CROP_FILL]);
        for (int64_t r = 0; r < rows.out; r++, out += columns.out) {
            bool inside = r >= rows.begin && r < rows.end;
            if (!inside && mode == CD_PICTURE_PADDING_CONSTANT) {
                fill_with(out, columns.out, fill);
                continue;
            }
            int64_t row = inside ? rows.first + r : outside(&rows, r, mode);
            crop_row(&columns, mode, fill, plane + row * in->width, out);
        }
    }
    return cd_hand(y);
}

/* --- random ----------------------------------------------------------------------------------- */

/* The padding before and behind one side of the picture. */
typedef struct padding {
    int64_t before, behind;
} padding;

/* Whether the crop fits into the padded picture, and a mirrored picture is not asked for more than
 * it has. */
static bool padding_fits(const cd_transform *t, const cd_picture *in, padding rows, padding columns)
{
    double height = t->value[SIDE_HEIGHT], width = t->value[SIDE_WIDTH];
    int64_t padded_height = in->height + rows.before + rows.behind;
    int64_t padded_width = in->width + columns.before + columns.behind;
    if ((double)padded_height < height || (double)padded_width < width) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: a crop of %g x %g is larger than the picture of %lld x %lld, which is "
                       "%lld x %lld with its padding; a smaller crop, more .padding or "
                       ".pad_if_needed = true would be right (height x width)",
                       t->name, height, width, (long long)in->height, (long long)in->width,
                       (long long)padded_height, (long long)padded_width);
    }
    cd_picture_padding mode = (cd_picture_padding)t->value[CROP_MODE];
    bool reflect = mode == CD_PICTURE_PADDING_REFLECT;
    if (!reflect && mode != CD_PICTURE_PADDING_SYMMETRIC) return true;
    int64_t most_rows = in->height - reflect, most_columns = in->width - reflect;
    if (rows.before <= most_rows && rows.behind <= most_rows && columns.before <= most_columns &&
        columns.behind <= most_columns) {
        return true;
    }
    return cd_fail(
        CD_ERR_SHAPE,
        "%s: a picture of %lld x %lld (height x width) can be mirrored by %s by %lld and "
        "%lld pixels at most; the padding is %lld above, %lld below, %lld left, %lld "
        "right",
        t->name, (long long)in->height, (long long)in->width, reflect ? "REFLECT" : "SYMMETRIC",
        (long long)most_rows, (long long)most_columns, (long long)rows.before,
        (long long)rows.behind, (long long)columns.before, (long long)columns.behind);
}

/* The padding of the rows (first 1) or columns (first 0), with what .pad_if_needed adds. */
static padding side_padding(const cd_transform *t, int first, int64_t in, double out)
{
    padding p = { (int64_t)t->value[CROP_PADDING + first],
                  (int64_t)t->value[CROP_PADDING + first + 2] };
    int64_t missing = (int64_t)out - (in + p.before + p.behind);
    if (t->value[CROP_IF_NEEDED] != 0 && missing > 0) {
        p.before += missing;
        p.behind += missing;
    }
    return p;
}

/* How far into `room` more pixels than wanted the crop begins. */
static int64_t draw_offset(cd_generator_state *state, int64_t room)
{
    return room > 0 ? cd_draw_integer(state, 0, room + 1) : 0;
}

static cd_tensor *random_crop(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_generator_state *state;
    if (!cd_picture_open(t->name, x, &in)) return NULL;
    double height = t->value[SIDE_HEIGHT], width = t->value[SIDE_WIDTH];
    padding rows = side_padding(t, 1, in.height, height);
    padding columns = side_padding(t, 0, in.width, width);
    if (!padding_fits(t, &in, rows, columns)) return NULL;
    int64_t spare_rows = in.height + rows.before + rows.behind - (int64_t)height;
    int64_t spare_columns = in.width + columns.before + columns.behind - (int64_t)width;
    if (!cd_draws_begin(t->name, g, &state)) return NULL;
    int64_t top = draw_offset(state, spare_rows) - rows.before;
    int64_t left = draw_offset(state, spare_columns) - columns.before;
    cd_generator_unlock(g);
    if (top == 0 && left == 0 && (double)in.height == height && (double)in.width == width) {
        return x;
    }
    return crop(t, &in, top, left, (cd_picture_padding)t->value[CROP_MODE]);
}

/* --- constructors ----------------------------------------------------------------------------- */

bool cd_crop_check(const char *name, const double *value)
{
    static const char *const sides[] = { "left", "top", "right", "bottom" };
    for (int i = 0; i < 4; i++) {
        char setting[32] = ".padding (";
        strcat(strcat(setting, sides[i]), ")");
        double pixels = value[CROP_PADDING + i];
        if (!cd_check_setting(name, setting, pixels, 0, CD_TRANSFORM_MAX_SIDE)) return false;
        if (pixels != floor(pixels)) { /* from a text; those of an option are int */
            return cd_fail(CD_ERR_ARGUMENT, "%s: %s is %g; it must be a whole number", name,
                           setting, pixels);
        }
    }
    if (!(value[CROP_MODE] >= CD_PICTURE_PADDING_CONSTANT &&
          value[CROP_MODE] <= CD_PICTURE_PADDING_SYMMETRIC)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: there is no .padding_mode %g", name, value[CROP_MODE]);
    }
    if (!isfinite((float)value[CROP_FILL])) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .fill is %g; it must be a finite number", name,
                       value[CROP_FILL]);
    }
    return cd_check_setting(name, ".height", value[SIDE_HEIGHT], 1, CD_TRANSFORM_MAX_SIDE) &&
           cd_check_setting(name, ".width", value[SIDE_WIDTH], 1, CD_TRANSFORM_MAX_SIDE) &&
           cd_check_levels(name, value);
}

cd_transform cd_random_crop_with(cd_random_crop_options o)
{
    cd_transform t = { .name = "random_crop" };
    cd_setting_levels(t.value, o.mean, o.std);
    t.value[SIDE_HEIGHT] = o.height;
    t.value[SIDE_WIDTH] = o.width ? o.width : o.height;
    t.value[CROP_FILL] = o.fill;
    for (int i = 0; i < 4; i++) {
        t.value[CROP_PADDING + i] = o.padding ? o.padding : o.padding_each[i];
    }
    t.value[CROP_MODE] = (double)o.padding_mode;
    t.value[CROP_IF_NEEDED] = o.pad_if_needed;
    if (cd_crop_check(t.name, t.value)) t.apply = random_crop;
    return t;
}

static cd_tensor *center_crop(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    (void)g;
    if (!cd_picture_open(t->name, x, &in)) return NULL;
    int height = (int)t->value[SIDE_HEIGHT], width = (int)t->value[SIDE_WIDTH];
    if (in.height == height && in.width == width) return x;
    return crop(t, &in, cd_center_crop_offset((int)in.height, height),
                cd_center_crop_offset((int)in.width, width), CD_PICTURE_PADDING_CONSTANT);
}

cd_transform cd_center_crop_with(cd_center_crop_options o)
{
    cd_transform t = { .name = "center_crop" };
    cd_setting_levels(t.value, o.mean, o.std);
    t.value[SIDE_HEIGHT] = o.height;
    t.value[SIDE_WIDTH] = o.width ? o.width : o.height;
    t.value[CROP_FILL] = o.fill;
    if (cd_crop_check(t.name, t.value)) t.apply = center_crop;
    return t;
}
