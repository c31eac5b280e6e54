#include "io/json_tree_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/json_scan_internal.h"

/* A text that is being read. While a list or an object is open, its `span` is the index of the one
 * that it stands in, and `open` that of the innermost. */
typedef struct reading {
    cd_cursor at;
    char *text;      /* the bytes under the cursor: strings are resolved where they stand */
    cd_json *values; /* with room for all */
    uint32_t count, open;
} reading;

#define NONE UINT32_MAX

/* The most values that the text can have: but for the first, one of four characters stands in front
 * of each, outside of strings. Memory for so many is taken at once, as an array that grows would
 * need up to three times as much. */
static size_t most_values(const char *text)
{
    size_t count = 1;
    bool quoted = false;
    for (; *text; text++) {
        if (quoted && *text == '\\' && text[1]) {
            text++;
        } else if (*text == '"') {
            quoted = !quoted;
        } else if (!quoted && strchr(",:[{", *text)) {
            count++;
        }
    }
    return count;
}

static cd_json *add(reading *r, cd_json_kind kind)
{
    cd_json *value = &r->values[r->count++];
    *value = (cd_json){ .kind = kind, .span = 1 };
    return value;
}

static bool fail_at(const reading *r, size_t at, const char *sentence)
{
    return cd_bytes_fail(r->at.bytes, CD_ERR_FORMAT, at, "the JSON does not parse: %s", sentence);
}

/* --- values without others in them ------------------------------------------------------------ */

static bool read_string(reading *r)
{
    cd_json_text text;
    if (!cd_json_string(&r->at, &text)) return false;
    if (text.has_nul) return fail_at(r, r->at.at, "a string with \\u0000 in it ends here");
    cd_json *value = add(r, CD_JSON_STRING);
    char *to = r->text + (text.at - r->at.bytes->data);
    cd_json_decode(&text, to);
    to[text.decoded] = '\0'; /* at the latest where the closing quote stood */
    value->string = to;
    return true;
}

static size_t digits(const char *at)
{
    return strspn(at, "0123456789");
}

/* The end of the number at `at`, by JSON's grammar; NULL: it is none. *real: it has a fraction or
 * an exponent. */
static const char *number_end(const char *at, bool *real)
{
    if (*at == '-') at++;
    size_t whole = digits(at);
    if (whole == 0 || (whole > 1 && *at == '0')) return NULL;
    at += whole;
    *real = *at == '.' || *at == 'e' || *at == 'E';
    if (*at == '.') {
        at++;
        if (digits(at) == 0) return NULL;
        at += digits(at);
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        if (*at == '-' || *at == '+') at++;
        if (digits(at) == 0) return NULL;
        at += digits(at);
    }
    return at;
}

static bool to_integer(const char *at, const char *end, int64_t *out)
{
    bool negative = *at == '-';
    int64_t value = 0;
    for (at += negative; at < end; at++) {
        int digit = negative ? '0' - *at : *at - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

/* 1e999 is no double. The text ends in a NUL, and what follows the number belongs to none. */
static bool to_real(const char *at, const char *end, double *out)
{
    char *stopped;
    *out = cd_text_number(at, &stopped);
    return stopped == end && isfinite(*out);
}

static bool read_number(reading *r)
{
    size_t start = r->at.at;
    const char *at = r->text + start;
    bool real = false;
    const char *end = number_end(at, &real);
    if (!end) return fail_at(r, start, "this is no value");
    r->at.at = (size_t)(end - r->text);
    cd_json *value = add(r, real ? CD_JSON_REAL : CD_JSON_INTEGER);
    if (real ? to_real(at, end, &value->real) : to_integer(at, end, &value->integer)) return true;
    return fail_at(r, start, "the number here is too large");
}

static bool read_literal(reading *r, const char *literal, cd_json_kind kind)
{
    size_t length = strlen(literal);
    if (cd_cursor_left(&r->at) < length || memcmp(r->text + r->at.at, literal, length) != 0) {
        return fail_at(r, r->at.at, "this is no value");
    }
    r->at.at += length;
    (void)add(r, kind);
    return true;
}

/* --- lists and objects ------------------------------------------------------------------------ */

static bool open_value(reading *r, cd_json_kind kind)
{
    cd_json *value = add(r, kind);
    value->span = r->open;
    r->open = r->count - 1;
    r->at.at++;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const cd_json *const *x = a, *const *y = b;
    return strcmp((*x)->string, (*y)->string);
}

/* Sorted, equal keys are neighbours: an object of 100,000 members takes no 10^10 comparisons. */
static bool check_keys(const reading *r, const cd_json *object)
{
    if (object->count < 2) return true;
    const cd_json **keys = cd_alloc(object->count * sizeof *keys);
    if (!keys) return false;
    const cd_json *key = cd_json_first(object);
    for (uint32_t i = 0; i < object->count; i++) {
        keys[i] = key;
        key = cd_json_after(key + 1);
    }
    qsort(keys, object->count, sizeof *keys, compare_keys);
    bool right = true;
    for (uint32_t i = 1; i < object->count && right; i++) {
        if (compare_keys(&keys[i - 1], &keys[i]) != 0) continue;
        char shown[64];
        right = cd_bytes_fail(
            r->at.bytes, CD_ERR_FORMAT, r->at.at,
            "the JSON does not parse: the object that ends here has the key \"%s\" twice",
            cd_printable(shown, sizeof shown, keys[i]->string, strlen(keys[i]->string)));
    }
    cd_free(keys);
    return right;
}

static bool close_value(reading *r)
{
    cd_json *value = &r->values[r->open];
    uint32_t parent = value->span;
    value->span = r->count - r->open;
    r->open = parent;
    return value->kind != CD_JSON_OBJECT || check_keys(r, value);
}

static bool begin_value(reading *r)
{
    int next = cd_json_peek(&r->at);
    switch (next) {
    case '{':
        return open_value(r, CD_JSON_OBJECT);
    case '[':
        return open_value(r, CD_JSON_LIST);
    case '"':
        return read_string(r);
    case 't':
        return read_literal(r, "true", CD_JSON_TRUE);
    case 'f':
        return read_literal(r, "false", CD_JSON_FALSE);
    case 'n':
        return read_literal(r, "null", CD_JSON_NULL);
    case -1:
        return fail_at(r, r->at.at, "it ends where a value must stand");
    default:
        return read_number(r);
    }
}

/* One item or member of the innermost that is open, or its end. */
static bool go_on(reading *r)
{
    cd_json *around = &r->values[r->open];
    bool object = around->kind == CD_JSON_OBJECT, more;
    if (!cd_json_next(&r->at, object ? '}' : ']', around->count == 0, &more)) return false;
    if (!more) return close_value(r);
    around->count++;
    return (!object || (read_string(r) && cd_json_expect(&r->at, ':'))) && begin_value(r);
}

static bool read_text(reading *r)
{
    if (!begin_value(r)) return false;
    while (r->open != NONE) {
        if (!go_on(r)) return false;
    }
    return cd_json_end(&r->at);
}

/* --- the document ----------------------------------------------------------------------------- */

bool cd_json_parse(cd_json_document *d, const char *label, const char *text, cd_code code)
{
    *d = (cd_json_document){ .text = cd_strdup(text) };
    if (!d->text) return false;
    cd_bytes bytes;
    cd_bytes_borrow(&bytes, label, d->text, strlen(d->text));
    reading r = { .at = cd_cursor_over(&bytes), .text = d->text, .open = NONE };
    if (bytes.size >= NONE) {
        (void)fail_at(&r, 0, "it is longer than 4 GiB");
    } else {
        d->root = r.values = cd_alloc(most_values(text) * sizeof *r.values);
        if (d->root && read_text(&r)) return true;
    }
    cd_json_free(d);
    if (cd_error_code() != CD_ERR_FORMAT || code == CD_ERR_FORMAT) return false;
    cd_error error;
    (void)cd_error_take(&error);
    return cd_fail(code, "%s", error.message);
}

void cd_json_free(cd_json_document *d)
{
    cd_free(d->root);
    cd_free(d->text);
    *d = (cd_json_document){ .root = NULL };
}

const cd_json *cd_json_get(const cd_json *object, const char *key)
{
    if (!cd_json_is(object, CD_JSON_OBJECT)) return NULL;
    const cd_json *member = cd_json_first(object);
    for (uint32_t i = 0; i < object->count; i++) {
        if (strcmp(member->string, key) == 0) return member + 1;
        member = cd_json_after(member + 1);
    }
    return NULL;
}
