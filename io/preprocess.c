/* The steps of a recipe of preprocessing (io/image.h), for one picture. */
#include "io/preprocess_internal.h"

#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/resize_internal.h"

const cd_preprocess cd_preprocess_imagenet = {
    .resize = 256,
    .crop_width = 224,
    .crop_height = 224,
    .channels = 3,
    .mean = { 0.485, 0.456, 0.406 },
    .std = { 0.229, 0.224, 0.225 },
};

const char *cd_preprocess_fault(const cd_preprocess *recipe)
{
    if (recipe->channels == 0 && recipe->crop_width == 0 && recipe->crop_height == 0) {
        return "the recipe is empty, as that of a model or a data set without pictures";
    }
    if (recipe->resize < 0 || recipe->resize > CD_RECIPE_MAX_SIDE) {
        return "resize must be 0 to 16384";
    }
    if (recipe->crop_width < 1 || recipe->crop_width > CD_RECIPE_MAX_SIDE ||
        recipe->crop_height < 1 || recipe->crop_height > CD_RECIPE_MAX_SIDE ||
        (int64_t)recipe->crop_width * recipe->crop_height > CD_RECIPE_MAX_PIXELS) {
        return "the sides of crop must be 1 to 16384, and 100 million pixels at most";
    }
    if (recipe->channels != 1 && recipe->channels != 3) return "channels must be 1 or 3";
    for (int c = 0; c < recipe->channels; c++) {
        if (!isfinite((float)recipe->mean[c])) return "mean must be finite";
        if (!isfinite((float)recipe->std[c]) || !((float)recipe->std[c] > 0)) {
            return "std must be finite and above 0";
        }
        if (!isfinite((0 - (float)recipe->mean[c]) / (float)recipe->std[c]) ||
            !isfinite((1 - (float)recipe->mean[c]) / (float)recipe->std[c])) {
            return "std is so small, or mean so large, that pixels become infinite";
        }
    }
    return NULL;
}

cd_shape cd_preprocess_shape(const cd_preprocess *recipe)
{
    return CD_SHAPE(recipe->channels, recipe->crop_height, recipe->crop_width);
}

/* A center crop along one axis: `length` pixels from `from` on of the `size` go to the crop's
 * pixels from `to` on. */
static void center_crop(int size, int crop, int *from, int *length, int *to)
{
    int offset = cd_center_crop_offset(size, crop);
    *from = offset > 0 ? offset : 0;
    *to = offset < 0 ? -offset : 0;
    *length = size < crop ? size : crop;
}

/* Steps 2 to 4: resizes, crops and inverts `in` into `out`, whose size is the crop's. Only the part
 * of the resized picture that the crop takes is computed. */
static bool resize_and_crop(const cd_preprocess *recipe, const cd_pixels *in, cd_pixels *out)
{
    int width = out->width, height = out->height;
    if (recipe->resize > 0) {
        cd_resize_shorter_side(in->width, in->height, recipe->resize, &width, &height);
    }
    cd_window window;
    int left, top;
    center_crop(width, out->width, &window.x, &window.width, &left);
    center_crop(height, out->height, &window.y, &window.height, &top);
    size_t row = (size_t)window.width * (size_t)in->channels;
    size_t count = row * (size_t)window.height;
    bool whole = window.width == out->width && window.height == out->height;
    unsigned char *pixels = whole ? out->data : cd_alloc(count);
    if (!pixels) return false;
    bool done = cd_resize_bilinear(in->data, in->width, in->height, in->channels, width, height,
                                   &window, pixels);
    for (size_t i = 0; done && recipe->invert && i < count; i++) {
        pixels[i] = (unsigned char)(255 - pixels[i]);
    }
    if (whole) return done;
    size_t out_row = (size_t)out->width * (size_t)in->channels;
    memset(out->data, 0, out_row * (size_t)out->height);
    unsigned char *to = out->data + (size_t)top * out_row + (size_t)left * (size_t)in->channels;
    for (int y = 0; done && y < window.height; y++) {
        memcpy(to + (size_t)y * out_row, pixels + (size_t)y * row, row);
    }
    cd_free(pixels);
    return done;
}

bool cd_preprocess_pixels(const cd_preprocess *recipe, const cd_pixels *in, cd_pixels *out)
{
    if (!recipe || !in || !in->data || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "preprocess: recipe, pixels and out must not be NULL");
    }
    const char *fault = cd_preprocess_fault(recipe);
    if (fault) return cd_fail(CD_ERR_ARGUMENT, "preprocess: %s", fault);
    cd_pixels grey = { .data = NULL }, result = { .data = NULL };
    if (recipe->channels == 1 && in->channels == 3) {
        if (!cd_pixels_to_grey(in, &grey)) return false;
        in = &grey;
    }
    bool done = false;
    result.data =
        cd_alloc((size_t)recipe->crop_width * (size_t)recipe->crop_height * (size_t)in->channels);
    if (result.data) {
        result.width = recipe->crop_width;
        result.height = recipe->crop_height;
        result.channels = in->channels;
        done = resize_and_crop(recipe, in, &result);
    }
    cd_pixels_free(&grey);
    if (!done) {
        cd_pixels_free(&result);
        return false;
    }
    *out = result;
    return true;
}

/* Step 5 for the 256 values of a byte, in float and in the order in which ToTensor and Normalize
 * compute. */
static void fill_table(const cd_preprocess *recipe, int channel, float table[256])
{
    float mean = (float)recipe->mean[channel], std = (float)recipe->std[channel];
    for (int i = 0; i < 256; i++) table[i] = ((float)i / 255.0f - mean) / std;
}

bool cd_preprocess_run(const cd_preprocess *recipe, const cd_pixels *in, float *out_chw)
{
    if (!out_chw) return cd_fail(CD_ERR_ARGUMENT, "preprocess: out must not be NULL");
    cd_pixels pixels;
    if (!cd_preprocess_pixels(recipe, in, &pixels)) return false;
    size_t plane = (size_t)pixels.width * (size_t)pixels.height, step = (size_t)pixels.channels;
    for (int c = 0; c < recipe->channels; c++, out_chw += plane) {
        float table[256];
        fill_table(recipe, c, table);
        const unsigned char *from = pixels.data + (pixels.channels == 1 ? 0 : c);
        for (size_t i = 0; i < plane; i++) out_chw[i] = table[from[i * step]];
    }
    cd_pixels_free(&pixels);
    return true;
}
