/* From a picture of any size to the numbers a model reads, by a recipe (io/image.h) that is saved
 * with the model. */
#ifndef CANDELA_IO_PREPROCESS_INTERNAL_H
#define CANDELA_IO_PREPROCESS_INTERNAL_H

#include "io/image.h"
#include "io/image_internal.h"

/* The ranges of a recipe; pictures themselves may be larger (io/image_internal.h). */
enum { CD_RECIPE_MAX_SIDE = 16384, CD_RECIPE_MAX_PIXELS = 100000000 };

/* Writes channels x crop_height x crop_width floats. A picture of one channel for a recipe of three
 * is taken as grey. CD_ERR_ARGUMENT for a recipe out of its ranges, CD_ERR_MEMORY. */
bool cd_preprocess_run(const cd_preprocess *recipe, const cd_pixels *in, float *out_chw);
/* Steps 1 to 4 only: crop_height x crop_width pixels of 8 bits, owned by the caller. */
bool cd_preprocess_pixels(const cd_preprocess *recipe, const cd_pixels *in, cd_pixels *out);

/* As JSON, for a model's metadata: {"resize": 256, "crop": [224, 224], "channels": 3,
 * "interpolation": "bilinear", "mean": [0.485, ...], "std": [...]}, where crop is [height, width],
 * and "invert": true when it is on. Numbers come back with the same bits. The text is the caller's,
 * for cd_free. */
char *cd_preprocess_to_json(const cd_preprocess *recipe);
/* Strict: an unknown key, a missing one (only invert may be), a wrong type or a value out of range
 * is CD_ERR_FORMAT, and *out stays as it was. "crop" may be one number for a square. */
bool cd_preprocess_from_json(const char *text, cd_preprocess *out);

/* Null, or a sentence on what is out of range in the recipe. */
const char *cd_preprocess_fault(const cd_preprocess *recipe);

#endif
