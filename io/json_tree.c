/* The parser of json_tree_internal.h. */
#include "io/json_tree_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/json_scan_internal.h"

/* A text that is being read. While a list or an object is open, its `span` is the index of the list
 * or object around it: so the open ones are a stack, with `innermost` at its top. */
typedef struct parser {
    cd_cursor cursor;
    char *text;      /* the bytes under the cursor; strings are decoded in place */
    cd_json *values; /* with room for all values of the text */
    uint32_t count;
    uint32_t innermost; /* index of the innermost open list or object, or NONE */
} parser;

#define NONE UINT32_MAX

/* An upper bound on the number of values: each but the first has one of , : [ { in front of it,
 * outside of strings. Memory for so many is allocated at once; an array that grows would need up to
 * three times as much. */
static size_t max_value_count(const char *text)
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

static cd_json *add(parser *r, cd_json_kind kind)
{
    cd_json *value = &r->values[r->count++];
    *value = (cd_json){ .kind = kind, .span = 1 };
    return value;
}

static bool fail_at(const parser *r, size_t at, const char *sentence)
{
    return cd_bytes_fail(r->cursor.bytes, CD_ERR_FORMAT, at, "the JSON does not parse: %s",
                         sentence);
}

/* --- strings, numbers and literals ------------------------------------------------------------ */

static bool read_string(parser *r)
{
    cd_json_text text;
    if (!cd_json_string(&r->cursor, &text)) return false;
    if (text.has_nul) return fail_at(r, r->cursor.at, "a string with \\u0000 in it ends here");
    cd_json *value = add(r, CD_JSON_STRING);
    char *to = r->text + (text.raw - r->cursor.bytes->data);
    cd_json_decode(&text, to);
    to[text.decoded_size] = '\0'; /* fits: the closing quote was there, or before it an escape */
    value->string = to;
    return true;
}

static size_t digits(const char *at)
{
    return strspn(at, "0123456789");
}

/* Where the number at `at` ends, by JSON's grammar; NULL when there is no number. *real says
 * whether it has a fraction or an exponent. */
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

/* False when the integer does not fit 64 bits. */
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

/* False when the number is beyond double, as 1e999 is. The character behind a number never
 * continues one, and the text ends with a NUL, so the conversion stops at `end`. */
static bool to_real(const char *at, const char *end, double *out)
{
    char *stopped;
    *out = cd_text_number(at, &stopped);
    return stopped == end && isfinite(*out);
}

static bool read_number(parser *r)
{
    size_t start = r->cursor.at;
    const char *at = r->text + start;
    bool real = false;
    const char *end = number_end(at, &real);
    if (!end) return fail_at(r, start, "this is no value");
    r->cursor.at = (size_t)(end - r->text);
    cd_json *value = add(r, real ? CD_JSON_REAL : CD_JSON_INTEGER);
    if (real ? to_real(at, end, &value->real) : to_integer(at, end, &value->integer)) return true;
    return fail_at(r, start, "the number here is too large");
}

static bool read_literal(parser *r, const char *literal, cd_json_kind kind)
{
    size_t length = strlen(literal);
    if (cd_cursor_left(&r->cursor) < length ||
        memcmp(r->text + r->cursor.at, literal, length) != 0) {
        return fail_at(r, r->cursor.at, "this is no value");
    }
    r->cursor.at += length;
    (void)add(r, kind);
    return true;
}

/* --- lists and objects ------------------------------------------------------------------------ */

/* Begins a list or an object. */
static bool open_value(parser *r, cd_json_kind kind)
{
    cd_json *value = add(r, kind);
    value->span = r->innermost;
    r->innermost = r->count - 1;
    r->cursor.at++;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const cd_json *const *x = a, *const *y = b;
    return strcmp((*x)->string, (*y)->string);
}

/* An object must not have a key twice. The keys are sorted first, so that equal ones are
 * neighbours: comparing all pairs of 100,000 keys would take 10^10 steps. */
static bool check_keys(const parser *r, const cd_json *object)
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
    bool ok = true;
    for (uint32_t i = 1; i < object->count && ok; i++) {
        if (compare_keys(&keys[i - 1], &keys[i]) != 0) continue;
        char shown[64];
        ok = cd_bytes_fail(
            r->cursor.bytes, CD_ERR_FORMAT, r->cursor.at,
            "the JSON does not parse: the object that ends here has the key \"%s\" twice",
            cd_printable(shown, sizeof shown, keys[i]->string, strlen(keys[i]->string)));
    }
    cd_free(keys);
    return ok;
}

/* Ends the innermost list or object: sets its span. */
static bool close_value(parser *r)
{
    cd_json *value = &r->values[r->innermost];
    uint32_t parent = value->span;
    value->span = r->count - r->innermost;
    r->innermost = parent;
    return value->kind != CD_JSON_OBJECT || check_keys(r, value);
}

/* Reads a string, a number or a literal, or begins a list or an object. */
static bool parse_value(parser *r)
{
    int next = cd_json_peek(&r->cursor);
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
        return fail_at(r, r->cursor.at, "it ends where a value must stand");
    default:
        return read_number(r);
    }
}

/* Reads the next item or member of the innermost list or object, or its end. */
static bool parse_next(parser *r)
{
    cd_json *around = &r->values[r->innermost];
    bool object = around->kind == CD_JSON_OBJECT, more;
    if (!cd_json_next(&r->cursor, object ? '}' : ']', around->count == 0, &more)) return false;
    if (!more) return close_value(r);
    around->count++;
    return (!object || (read_string(r) && cd_json_expect(&r->cursor, ':'))) && parse_value(r);
}

static bool parse_text(parser *r)
{
    if (!parse_value(r)) return false;
    while (r->innermost != NONE) {
        if (!parse_next(r)) return false;
    }
    return cd_json_end(&r->cursor);
}

/* --- the document ----------------------------------------------------------------------------- */

bool cd_json_parse(cd_json_document *d, const char *label, const char *text, cd_code code)
{
    *d = (cd_json_document){ .text = cd_strdup(text) };
    if (!d->text) return false;
    cd_bytes bytes;
    cd_bytes_borrow(&bytes, label, d->text, strlen(d->text));
    parser r = { .cursor = cd_cursor_over(&bytes), .text = d->text, .innermost = NONE };
    if (bytes.size >= NONE) {
        (void)fail_at(&r, 0, "it is longer than 4 GiB");
    } else {
        d->root = r.values = cd_alloc(max_value_count(text) * sizeof *r.values);
        if (d->root && parse_text(&r)) return true;
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
