#include "apps/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/console.h"

static bool incomplete;

void put_json(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) incomplete = true;
}

void append_json(json_t *list, json_t *item)
{
    if (json_array_append_new(list, item) != 0) incomplete = true;
}

/* Bytes of the UTF-8 character at `at`; 0: it is none. */
static size_t character_bytes(const char *at)
{
    for (size_t n = 1; n <= 4 && at[n - 1]; n++) {
        json_t *character = json_stringn(at, n);
        json_decref(character);
        if (character) return n;
    }
    return 0;
}

json_t *json_text(const char *text)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    enum { REPLACEMENT = sizeof replacement - 1 };
    json_t *whole = text ? json_string(text) : json_null();
    if (whole) return whole;
    char *right = malloc(REPLACEMENT * strlen(text) + 1);
    size_t used = 0;
    while (right && *text) {
        size_t bytes = character_bytes(text);
        memcpy(right + used, bytes ? text : replacement, bytes ? bytes : REPLACEMENT);
        used += bytes ? bytes : REPLACEMENT;
        text += bytes ? bytes : 1;
    }
    if (right) whole = json_stringn(right, used);
    free(right);
    return whole;
}

void put_text(json_t *object, const char *key, const char *text)
{
    put_json(object, key, json_text(text));
}

void append_text(json_t *list, const char *text)
{
    append_json(list, json_text(text));
}

void put_whole(json_t *object, const char *key, int64_t value)
{
    put_json(object, key, json_integer(value));
}

void append_whole(json_t *list, int64_t value)
{
    append_json(list, json_integer(value));
}

void put_number(json_t *object, const char *key, double value)
{
    put_json(object, key, isfinite(value) ? json_real(value) : json_null());
}

void put_flag(json_t *object, const char *key, bool value)
{
    put_json(object, key, json_boolean(value));
}

/* 0.2 as 0.2: what a double knows beyond `digits` is not shown. */
static char *write_text(json_t *object, size_t layout, size_t digits)
{
    char *text =
        object && !incomplete ? json_dumps(object, layout | JSON_REAL_PRECISION(digits)) : NULL;
    json_decref(object);
    return text;
}

char *json_line(json_t *object)
{
    char *text = write_text(object, JSON_COMPACT, 15);
    if (!text) (void)cd_fail(CD_ERR_MEMORY, "out of memory for JSON");
    return text;
}

bool print_json(json_t *object)
{
    char *text = write_text(object, JSON_INDENT(2), 10);
    if (!text) {
        (void)failed("out of memory for JSON");
        return false;
    }
    (void)puts(text);
    free(text);
    return true;
}
