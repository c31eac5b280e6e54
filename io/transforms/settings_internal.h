/* Where each setting of a transform is in cd_transform.value, and the checks of the settings: for
 * the transforms themselves and for their text form. */
#ifndef CANDELA_IO_TRANSFORMS_SETTINGS_INTERNAL_H
#define CANDELA_IO_TRANSFORMS_SETTINGS_INTERNAL_H

#include "io/transforms/transform_internal.h"

/* Flips, and RandomGrayscale. */
enum { FLIP_P = CD_VALUE_OWN };

/* Crops and sizes begin with height and width. */
enum { SIDE_HEIGHT = CD_VALUE_OWN, SIDE_WIDTH };
/* left, top, right, bottom from CROP_PADDING on. */
enum { CROP_FILL = SIDE_WIDTH + 1, CROP_PADDING, CROP_MODE = CROP_PADDING + 4, CROP_IF_NEEDED };
enum { RESIZE_NO_ANTIALIAS = SIDE_WIDTH + 1, RESIZE_SCALE, RESIZE_RATIO = RESIZE_SCALE + 2 };

/* Ranges: two numbers each. RandomRotation and RandomAffine. */
enum {
    AFFINE_DEGREES = CD_VALUE_OWN,
    AFFINE_BILINEAR = AFFINE_DEGREES + 2,
    AFFINE_FILL,
    AFFINE_TRANSLATE,
    AFFINE_SCALE = AFFINE_TRANSLATE + 2,
    AFFINE_SHEAR = AFFINE_SCALE + 2
};

/* Ranges. */
enum {
    JITTER_BRIGHTNESS = CD_VALUE_OWN,
    JITTER_CONTRAST = JITTER_BRIGHTNESS + 2,
    JITTER_SATURATION = JITTER_CONTRAST + 2,
    JITTER_HUE = JITTER_SATURATION + 2
};

enum { NOISE_SIGMA = CD_VALUE_OWN, NOISE_SHIFT, NOISE_NO_CLIP };

enum {
    ERASE_P = CD_VALUE_OWN,
    ERASE_SCALE,
    ERASE_RATIO = ERASE_SCALE + 2,
    ERASE_VALUE = ERASE_RATIO + 2,
    ERASE_RANDOM
};

/* Of cd_batch_transform.value. */
enum { MIX_CLASSES = 0, MIX_ALPHA };

/* False with CD_ERR_ARGUMENT and a sentence that begins with `name`. */
typedef bool cd_settings_check(const char *name, const double *value);
cd_settings_check cd_flip_check, cd_grayscale_check, cd_crop_check, cd_resized_crop_check,
    cd_affine_check, cd_jitter_check, cd_noise_check, cd_erase_check, cd_mix_check;

#endif
