/* The words of the text form: see text_internal.h. */
#include "io/transforms/text_internal.h"

#include <math.h>
#include <string.h>

#include "core/text_internal.h"

/* --- what a word alone stands for ------------------------------------------------------------- */

#define LEVELS(recipe_)                                                                            \
    .mean = { (recipe_)->mean[0], (recipe_)->mean[1], (recipe_)->mean[2] },                        \
    .std = { (recipe_)->std[0], (recipe_)->std[1], (recipe_)->std[2] }

static cd_transform flip(const cd_preprocess *r)
{
    (void)r;
    return cd_random_horizontal_flip();
}

static cd_transform vflip(const cd_preprocess *r)
{
    (void)r;
    return cd_random_vertical_flip();
}

static cd_transform crop(const cd_preprocess *r)
{
    return cd_random_crop(r->crop_height, r->crop_width, LEVELS(r));
}

static cd_transform resized_crop(const cd_preprocess *r)
{
    return cd_random_resized_crop(r->crop_height, r->crop_width);
}

static cd_transform rotate(const cd_preprocess *r)
{
    return cd_random_rotation(0, LEVELS(r));
}

static cd_transform affine(const cd_preprocess *r)
{
    return cd_random_affine(0, LEVELS(r));
}

static cd_transform jitter(const cd_preprocess *r)
{
    return cd_color_jitter(LEVELS(r));
}

static cd_transform gray(const cd_preprocess *r)
{
    return cd_random_grayscale(LEVELS(r));
}

static cd_transform noise(const cd_preprocess *r)
{
    return cd_gaussian_noise(LEVELS(r));
}

static cd_transform erase(const cd_preprocess *r)
{
    (void)r;
    return cd_random_erasing();
}

static cd_batch_transform mixup(int64_t classes)
{
    return cd_mixup(classes);
}

static cd_batch_transform cutmix(int64_t classes)
{
    return cd_cutmix(classes);
}

/* --- the table -------------------------------------------------------------------------------- */

#define NUMBERS(key_, what_, at_, count_)                                                          \
    {                                                                                              \
        key_, what_, CD_SETTING_NUMBERS, at_, count_, 0                                            \
    }
#define FLAG(key_, at_, flag_)                                                                     \
    {                                                                                              \
        key_, "", CD_SETTING_FLAG, at_, 1, flag_                                                   \
    }
#define JITTER(key_, at_, kind_)                                                                   \
    { key_, "AMOUNT", kind_, at_, 2, 0 }, NUMBERS(key_, "MIN MAX", at_, 2)
#define TURN                                                                                       \
    { "", "DEGREES", CD_SETTING_AROUND_ZERO, AFFINE_DEGREES, 2, 0 },                               \
        NUMBERS("", "FROM TO", AFFINE_DEGREES, 2), FLAG("bilinear", AFFINE_BILINEAR, 1),           \
        NUMBERS("fill", "LEVEL", AFFINE_FILL, 1)

const cd_text_word cd_text_words[] = {
    { "flip", flip, NULL, cd_flip_check, { NUMBERS("", "P", FLIP_P, 1) }, false },
    { "vflip", vflip, NULL, cd_flip_check, { NUMBERS("", "P", FLIP_P, 1) }, false },
    { "crop",
      crop,
      NULL,
      cd_crop_check,
      { { "", "PADDING", CD_SETTING_SAME, CROP_PADDING, 4, 0 },
        NUMBERS("sides", "LEFT TOP RIGHT BOTTOM", CROP_PADDING, 4),
        FLAG("edge", CROP_MODE, CD_PICTURE_PADDING_EDGE),
        FLAG("reflect", CROP_MODE, CD_PICTURE_PADDING_REFLECT),
        FLAG("symmetric", CROP_MODE, CD_PICTURE_PADDING_SYMMETRIC),
        NUMBERS("fill", "LEVEL", CROP_FILL, 1) },
      true },
    { "resized-crop",
      resized_crop,
      NULL,
      cd_resized_crop_check,
      { NUMBERS("", "MIN MAX", RESIZE_SCALE, 2), NUMBERS("ratio", "MIN MAX", RESIZE_RATIO, 2) },
      false },
    { "rotate", rotate, NULL, cd_affine_check, { TURN }, true },
    { "affine",
      affine,
      NULL,
      cd_affine_check,
      { TURN, NUMBERS("shift", "X Y", AFFINE_TRANSLATE, 2),
        NUMBERS("scale", "MIN MAX", AFFINE_SCALE, 2),
        NUMBERS("shear", "XMIN XMAX YMIN YMAX", AFFINE_SHEAR, 4) },
      true },
    { "jitter",
      jitter,
      NULL,
      cd_jitter_check,
      { { "", "AMOUNT", CD_SETTING_AROUND_ONE, JITTER_BRIGHTNESS, 6, 0 },
        JITTER("brightness", JITTER_BRIGHTNESS, CD_SETTING_AROUND_ONE),
        JITTER("contrast", JITTER_CONTRAST, CD_SETTING_AROUND_ONE),
        JITTER("saturation", JITTER_SATURATION, CD_SETTING_AROUND_ONE),
        JITTER("hue", JITTER_HUE, CD_SETTING_AROUND_ZERO) },
      true },
    { "gray", gray, NULL, cd_grayscale_check, { NUMBERS("", "P", FLIP_P, 1) }, false },
    { "noise",
      noise,
      NULL,
      cd_noise_check,
      { NUMBERS("", "SIGMA", NOISE_SIGMA, 1), NUMBERS("shift", "LEVEL", NOISE_SHIFT, 1),
        FLAG("no-clip", NOISE_NO_CLIP, 1) },
      false },
    { "erase",
      erase,
      NULL,
      cd_erase_check,
      { NUMBERS("", "P", ERASE_P, 1), NUMBERS("scale", "MIN MAX", ERASE_SCALE, 2),
        NUMBERS("ratio", "MIN MAX", ERASE_RATIO, 2), NUMBERS("value", "V", ERASE_VALUE, 1),
        FLAG("random", ERASE_RANDOM, 1) },
      false },
    { "mixup", NULL, mixup, cd_mix_check, { NUMBERS("", "ALPHA", MIX_ALPHA, 1) }, false },
    { "cutmix", NULL, cutmix, cd_mix_check, { NUMBERS("", "ALPHA", MIX_ALPHA, 1) }, false },
};
const int cd_text_word_count = (int)(sizeof cd_text_words / sizeof *cd_text_words);

/* --- numbers and values ----------------------------------------------------------------------- */

int cd_setting_numbers(const cd_text_setting *s)
{
    return s->kind == CD_SETTING_NUMBERS ? s->count : s->kind == CD_SETTING_FLAG ? 0 : 1;
}

void cd_setting_apply(const cd_text_setting *s, const double *number, double *value)
{
    for (int i = 0; i < s->count; i++) {
        double d = s->kind == CD_SETTING_FLAG      ? s->flag
                   : s->kind == CD_SETTING_NUMBERS ? number[i]
                                                   : number[0];
        if (s->kind == CD_SETTING_AROUND_ZERO) d = i % 2 == 0 ? -d : d;
        if (s->kind == CD_SETTING_AROUND_ONE) {
            d = i % 2 == 0 ? (d >= 0 && d <= 1 ? 1 - d : d >= 0 ? 0 : 1 - d) : 1 + d;
        }
        value[s->at + i] = d;
    }
}

bool cd_same_values(const double *a, const double *b, int count)
{
    for (int i = 0; i < count; i++) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

bool cd_setting_invert(const cd_text_setting *s, const double *value, double *number)
{
    const double *v = value + s->at;
    if (s->kind == CD_SETTING_NUMBERS) {
        memcpy(number, v, (size_t)s->count * sizeof *v);
        return true;
    }
    number[0] = s->kind == CD_SETTING_SAME ? v[0] : v[1];
    /* 1.2 - 1 is 0.19999999999999996: the shortest number is wanted that gives the same values. */
    double exact = s->kind == CD_SETTING_AROUND_ONE ? v[1] - 1 : number[0];
    for (int digits = 1; digits <= 17; digits++) {
        double again[CD_TRANSFORM_VALUES];
        char text[64];
        (void)cd_format(text, sizeof text, "%.*g", digits, exact);
        number[0] = cd_text_number(text, NULL);
        cd_setting_apply(s, number, again);
        if (cd_same_values(again + s->at, v, s->count)) return true;
    }
    return false;
}
