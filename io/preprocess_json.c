#include "io/preprocess_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/json_text_internal.h"

enum { LONGEST_TEXT = 65536 };

/* --- writing ------------------------------------------------------------------------------------
 */

/* A list of `count` numbers, or NULL. */
static json_t *numbers(const double *values, int count)
{
    json_t *list = json_array();
    for (int i = 0; list && i < count; i++) {
        if (json_array_append_new(list, json_real(values[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *to_object(const cd_preprocess *recipe)
{
    json_t *object = json_pack(
        "{s:i, s:[i,i], s:i, s:s, s:o, s:o}", "resize", recipe->resize, "crop", recipe->crop_height,
        recipe->crop_width, "channels", recipe->channels, "interpolation", "bilinear", "mean",
        numbers(recipe->mean, recipe->channels), "std", numbers(recipe->std, recipe->channels));
    if (object && recipe->invert && json_object_set_new(object, "invert", json_true()) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* 0.485 reads better than 0.48499999999999999: 15 digits, unless they lose a bit. */
static char *shortest_text(const json_t *object)
{
    json_error_t unused;
    char *text = cd_json_dump(object, JSON_REAL_PRECISION(15));
    json_t *back = text ? cd_json_load(text, strlen(text), 0, &unused) : NULL;
    if (text && back && !json_equal(object, back)) {
        free(text);
        text = cd_json_dump(object, JSON_REAL_PRECISION(17));
    }
    json_decref(back);
    return text;
}

char *cd_preprocess_to_json(const cd_preprocess *recipe)
{
    const char *fault = recipe ? cd_preprocess_fault(recipe) : "the recipe is NULL";
    if (fault) {
        cd_fail(CD_ERR_ARGUMENT, "preprocess: %s", fault);
        return NULL;
    }
    json_t *object = to_object(recipe);
    char *text = object ? shortest_text(object) : NULL;
    json_decref(object);
    if (!text) {
        cd_fail(CD_ERR_MEMORY, "out of memory writing a recipe of preprocessing as JSON");
        return NULL;
    }
    char *copy = cd_strdup(text);
    free(text);
    return copy;
}

/* --- reading ------------------------------------------------------------------------------------
 */

static bool wrong(const char *key, const char *wanted)
{
    return cd_fail(CD_ERR_FORMAT, "preprocessing: \"%s\" must be %s", key, wanted);
}

static bool read_int(const json_t *value, const char *key, int *out)
{
    if (!json_is_integer(value)) return wrong(key, "a whole number");
    json_int_t number = json_integer_value(value);
    if (number < 0 || number > CD_RECIPE_MAX_SIDE) return wrong(key, "0 to 16384");
    *out = (int)number;
    return true;
}

static bool read_crop(const json_t *value, cd_preprocess *out)
{
    if (json_is_integer(value)) {
        if (!read_int(value, "crop", &out->crop_width)) return false;
        out->crop_height = out->crop_width;
        return true;
    }
    if (!json_is_array(value) || json_array_size(value) != 2) {
        return wrong("crop", "a whole number or [height, width]");
    }
    return read_int(json_array_get(value, 0), "crop", &out->crop_height) &&
           read_int(json_array_get(value, 1), "crop", &out->crop_width);
}

static bool read_numbers(const json_t *value, const char *key, int count, double *out)
{
    bool right = json_is_array(value) && json_array_size(value) == (size_t)count;
    for (int i = 0; right && i < count; i++) {
        const json_t *item = json_array_get(value, (size_t)i);
        right = json_is_number(item);
        if (right) out[i] = json_number_value(item);
    }
    if (right) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "preprocessing: \"%s\" must be a list of as many numbers as there "
                   "are channels (%d)",
                   key, count);
}

static bool check_keys(const json_t *object)
{
    static const char *const required[] = { "resize",        "crop", "channels",
                                            "interpolation", "mean", "std" };
    enum { REQUIRED = sizeof required / sizeof *required };
    for (int i = 0; i < REQUIRED; i++) {
        if (!json_object_get(object, required[i])) {
            return cd_fail(CD_ERR_FORMAT, "preprocessing: \"%s\" is missing", required[i]);
        }
    }
    void *at = json_object_iter((json_t *)(uintptr_t)object);
    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *key = json_object_iter_key(at);
        bool known = strcmp(key, "invert") == 0;
        for (int i = 0; i < REQUIRED; i++) known |= strcmp(key, required[i]) == 0;
        if (!known) return cd_fail(CD_ERR_FORMAT, "preprocessing: unknown key \"%.40s\"", key);
    }
    return true;
}

static bool read_object(const json_t *object, cd_preprocess *out)
{
    if (!json_is_object(object)) {
        return cd_fail(CD_ERR_FORMAT, "preprocessing: the JSON must be an object");
    }
    if (!check_keys(object)) return false;
    if (!read_int(json_object_get(object, "resize"), "resize", &out->resize) ||
        !read_crop(json_object_get(object, "crop"), out) ||
        !read_int(json_object_get(object, "channels"), "channels", &out->channels)) {
        return false;
    }
    if (out->channels != 1 && out->channels != 3) return wrong("channels", "1 or 3");
    const char *interpolation = json_string_value(json_object_get(object, "interpolation"));
    if (!interpolation || strcmp(interpolation, "bilinear") != 0) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "preprocessing: \"interpolation\" must be \"bilinear\", it is \"%.40s\"",
                       interpolation ? interpolation : "not a string");
    }
    const json_t *invert = json_object_get(object, "invert");
    if (invert && !json_is_boolean(invert)) return wrong("invert", "true or false");
    out->invert = json_is_true(invert);
    if (!read_numbers(json_object_get(object, "mean"), "mean", out->channels, out->mean) ||
        !read_numbers(json_object_get(object, "std"), "std", out->channels, out->std)) {
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
    size_t length = strnlen(text, LONGEST_TEXT);
    if (length == LONGEST_TEXT) {
        return cd_fail(CD_ERR_FORMAT, "preprocessing: the JSON is longer than %d bytes",
                       LONGEST_TEXT);
    }
    json_error_t error;
    json_t *object = cd_json_load(text, length, JSON_REJECT_DUPLICATES, &error);
    if (!object) {
        return cd_fail(CD_ERR_FORMAT, "preprocessing: the JSON does not parse: %s (at byte %d)",
                       error.text, error.position);
    }
    cd_preprocess recipe = { .resize = 0 };
    bool done = read_object(object, &recipe);
    json_decref(object);
    if (done) *out = recipe;
    return done;
}
