/* Carrying out a recipe of preprocessing (cd_preprocess in io/image.h), and its form as JSON, in
 * which it is saved with a model. */
#ifndef CANDELA_IO_PREPROCESS_INTERNAL_H
#define CANDELA_IO_PREPROCESS_INTERNAL_H

#include "io/image.h"
#include "io/image_internal.h"

/* The largest sides and crop of a recipe. Pictures may be larger (io/image_internal.h). */
enum { CD_RECIPE_MAX_SIDE = 16384, CD_RECIPE_MAX_PIXELS = 100000000 };

/* NULL, or a sentence on what is out of range in the recipe. */
const char *cd_preprocess_fault(const cd_preprocess *recipe);
/* channels x crop_height x crop_width. */
cd_shape cd_preprocess_shape(const cd_preprocess *recipe);

/* All steps of the recipe: writes channels x crop_height x crop_width floats. A grey picture for a
 * recipe of three channels gives three equal channels before step 5. False with CD_ERR_ARGUMENT for
 * a recipe that is out of range, CD_ERR_MEMORY. */
bool cd_preprocess_run(const cd_preprocess *recipe, const cd_pixels *in, float *out_chw);
/* Steps 1 to 4 only: *out becomes crop_height x crop_width pixels of 8 bits, which the caller frees
 * with cd_pixels_free. Fails as cd_preprocess_run does. */
bool cd_preprocess_pixels(const cd_preprocess *recipe, const cd_pixels *in, cd_pixels *out);

/* The recipe as JSON, for a model's metadata: {"resize": 256, "crop": [224, 224], "channels": 3,
 * "interpolation": "bilinear", "mean": [0.485, ...], "std": [...]}, where crop is [height, width],
 * and "invert": true if it is set. Numbers are read back with the same bits. The caller frees the
 * text with cd_free; NULL with CD_ERR_ARGUMENT or CD_ERR_MEMORY. */
char *cd_preprocess_to_json(const cd_preprocess *recipe);
/* Reads such a text. "invert" may be missing, and "crop" may be one number for a square. False,
 * with *out as it was: CD_ERR_FORMAT for an unknown or missing key, a wrong type or a value out of
 * range; CD_ERR_UNSUPPORTED for another interpolation than bilinear; CD_ERR_MEMORY. */
bool cd_preprocess_from_json(const char *text, cd_preprocess *out);

#endif
