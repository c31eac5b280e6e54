/* A recipe of preprocessing as JSON: written into the metadata of a model, and read from there. */
#include "io/preprocess_internal.h"

#include <string.h>

#include "core/error.h"
#include "io/json_tree_internal.h"
#include "io/json_write_internal.h"

enum { LONGEST_TEXT = 65535 };

/* --- writing ---------------------------------------------------------------------------------- */

/* Writes the key, which ends in "[", the numbers and "]". */
static void put_numbers(cd_json_writer *w, const char *key, const double *values, int count)
{
    cd_json_put(w, key);
    for (int i = 0; i < count; i++) {
        if (i > 0) cd_json_put(w, ", ");
        cd_json_put_number(w, values[i]);
    }
    cd_json_put(w, "]");
}

char *cd_preprocess_to_json(const cd_preprocess *recipe)
{
    const char *fault = recipe ? cd_preprocess_fault(recipe) : "the recipe is NULL";
    if (fault) {
        cd_fail(CD_ERR_ARGUMENT, "preprocess: %s", fault);
        return NULL;
    }
    cd_json_writer w = { .max_size = 0 };
    cd_json_put(&w, "{\"resize\": ");
    cd_json_put_whole(&w, (uint64_t)recipe->resize);
    cd_json_put(&w, ", \"crop\": [");
    cd_json_put_whole(&w, (uint64_t)recipe->crop_height);
    cd_json_put(&w, ", ");
    cd_json_put_whole(&w, (uint64_t)recipe->crop_width);
    cd_json_put(&w, "], \"channels\": ");
    cd_json_put_whole(&w, (uint64_t)recipe->channels);
    cd_json_put(&w, ", \"interpolation\": \"bilinear\"");
    put_numbers(&w, ", \"mean\": [", recipe->mean, recipe->channels);
    put_numbers(&w, ", \"std\": [", recipe->std, recipe->channels);
    cd_json_put(&w, recipe->invert ? ", \"invert\": true}" : "}");
    return cd_json_finish(&w);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool wrong(const char *key, const char *wanted)
{
    return cd_fail(CD_ERR_FORMAT, "preprocessing: \"%s\" must be %s", key, wanted);
}

static bool read_int(const cd_json *value, const char *key, int *out)
{
    if (!cd_json_is(value, CD_JSON_INTEGER)) return wrong(key, "a whole number");
    if (value->integer < 0 || value->integer > CD_RECIPE_MAX_SIDE) {
        return wrong(key, "0 to 16384");
    }
    *out = (int)value->integer;
    return true;
}

static bool read_crop(const cd_json *value, cd_preprocess *out)
{
    if (cd_json_is(value, CD_JSON_INTEGER)) {
        if (!read_int(value, "crop", &out->crop_width)) return false;
        out->crop_height = out->crop_width;
        return true;
    }
    if (!cd_json_is(value, CD_JSON_LIST) || value->count != 2) {
        return wrong("crop", "a whole number or [height, width]");
    }
    const cd_json *height = cd_json_first(value);
    return read_int(height, "crop", &out->crop_height) &&
           read_int(cd_json_after(height), "crop", &out->crop_width);
}

static bool read_numbers(const cd_json *value, const char *key, int count, double *out)
{
    bool right = cd_json_is(value, CD_JSON_LIST) && value->count == (uint32_t)count;
    const cd_json *item = right ? cd_json_first(value) : NULL;
    for (int i = 0; right && i < count; i++, item = cd_json_after(item)) {
        right = cd_json_is_number(item);
        if (right) out[i] = cd_json_number(item);
    }
    if (right) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "preprocessing: \"%s\" must be a list of as many numbers as there "
                   "are channels (%d)",
                   key, count);
}

static bool check_keys(const cd_json *object)
{
    static const char *const required[] = { "resize",        "crop", "channels",
                                            "interpolation", "mean", "std" };
    enum { REQUIRED = sizeof required / sizeof *required };
    for (int i = 0; i < REQUIRED; i++) {
        if (!cd_json_get(object, required[i])) {
            return cd_fail(CD_ERR_FORMAT, "preprocessing: \"%s\" is missing", required[i]);
        }
    }
    const cd_json *key = cd_json_first(object);
    for (uint32_t k = 0; k < object->count; k++, key = cd_json_after(key + 1)) {
        bool known = strcmp(key->string, "invert") == 0;
        for (int i = 0; i < REQUIRED; i++) known |= strcmp(key->string, required[i]) == 0;
        if (known) continue;
        char shown[64];
        return cd_fail(CD_ERR_FORMAT, "preprocessing: unknown key \"%s\"",
                       cd_escape_text(shown, sizeof shown, key->string));
    }
    return true;
}

static bool read_object(const cd_json *object, cd_preprocess *out)
{
    if (!cd_json_is(object, CD_JSON_OBJECT)) {
        return cd_fail(CD_ERR_FORMAT, "preprocessing: the JSON must be an object");
    }
    if (!check_keys(object)) return false;
    if (!read_int(cd_json_get(object, "resize"), "resize", &out->resize) ||
        !read_crop(cd_json_get(object, "crop"), out) ||
        !read_int(cd_json_get(object, "channels"), "channels", &out->channels)) {
        return false;
    }
    if (out->channels != 1 && out->channels != 3) return wrong("channels", "1 or 3");
    const cd_json *interpolation = cd_json_get(object, "interpolation");
    if (!cd_json_is(interpolation, CD_JSON_STRING)) return wrong("interpolation", "a string");
    if (strcmp(interpolation->string, "bilinear") != 0) {
        char shown[64];
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "preprocessing: \"interpolation\" must be \"bilinear\", it is \"%s\"",
                       cd_escape_text(shown, sizeof shown, interpolation->string));
    }
    const cd_json *invert = cd_json_get(object, "invert");
    out->invert = cd_json_is(invert, CD_JSON_TRUE);
    if (invert && !out->invert && invert->kind != CD_JSON_FALSE) {
        return wrong("invert", "true or false");
    }
    if (!read_numbers(cd_json_get(object, "mean"), "mean", out->channels, out->mean) ||
        !read_numbers(cd_json_get(object, "std"), "std", out->channels, out->std)) {
        return false;
    }
    const char *fault = cd_preprocess_fault(out);
    return fault ? cd_fail(CD_ERR_FORMAT, "preprocessing: %s", fault) : true;
}

bool cd_preprocess_from_json(const char *text, cd_preprocess *out)
{
    if (!text || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "preprocess: text and out must not be NULL");
    }
    if (strnlen(text, LONGEST_TEXT + 1) > LONGEST_TEXT) {
        return cd_fail(CD_ERR_FORMAT, "preprocessing: the JSON is longer than %d bytes",
                       LONGEST_TEXT);
    }
    cd_json_document document;
    if (!cd_json_parse(&document, "preprocessing", text, CD_ERR_FORMAT)) return false;
    cd_preprocess recipe = { .resize = 0 };
    bool done = read_object(document.root, &recipe);
    cd_json_free(&document);
    if (done) *out = recipe;
    return done;
}
