/* A JSON writer: each value is a text that grows until it is put into another or printed. */
#include "apps/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/console.h"

struct json_t {
    char *text; /* the JSON so far, without its closing bracket and without a NUL; owned */
    size_t size, room;
    char closing; /* the closing bracket; NUL: none */
};

/* Whether some value ran out of memory. */
static bool incomplete;

static void add_bytes(json_t *value, const char *bytes, size_t size)
{
    if (!value) {
        incomplete = true;
        return;
    }
    if (value->room - value->size < size) {
        size_t room = 2 * (value->size + size);
        char *larger = realloc(value->text, room);
        if (!larger) {
            incomplete = true;
            return;
        }
        value->text = larger;
        value->room = room;
    }
    memcpy(value->text + value->size, bytes, size);
    value->size += size;
}

static void add(json_t *value, const char *text)
{
    add_bytes(value, text, strlen(text));
}

static json_t *begin(const char *opening, char closing)
{
    json_t *value = calloc(1, sizeof *value);
    if (value) value->closing = closing;
    add(value, opening);
    return value;
}

json_t *json_object(void)
{
    return begin("{", '}');
}

json_t *json_array(void)
{
    return begin("[", ']');
}

json_t *json_null(void)
{
    return begin("null", '\0');
}

void json_free(json_t *value)
{
    if (value) free(value->text);
    free(value);
}

/* --- strings ---------------------------------------------------------------------------------- */

/* The bytes of the UTF-8 character at `at`; 0: no valid one (overlong, a surrogate, over
 * U+10FFFF). */
static size_t character_bytes(const char *at)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = (unsigned char)*at;
    size_t bytes = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (bytes < 2) return bytes;
    uint32_t point = lead & (0x7Fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        unsigned char next = (unsigned char)at[i];
        if ((next & 0xC0) != 0x80) return 0;
        point = point << 6 | (next & 0x3Fu);
    }
    bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return point < least[bytes] || surrogate || point > 0x10FFFF || lead > 0xF7 ? 0 : bytes;
}

bool is_utf8(const char *text)
{
    size_t bytes;
    while (*text && (bytes = character_bytes(text)) > 0) text += bytes;
    return !*text;
}

char *utf8_copy(const char *text)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    enum { REPLACEMENT = sizeof replacement - 1 };
    char *copy = malloc(REPLACEMENT * strlen(text) + 1), *to = copy;
    while (copy && *text) {
        size_t bytes = character_bytes(text);
        memcpy(to, bytes ? text : replacement, bytes ? bytes : REPLACEMENT);
        to += bytes ? bytes : REPLACEMENT;
        text += bytes ? bytes : 1;
    }
    if (copy) *to = '\0';
    return copy;
}

/* The bytes of the character at `at` if it needs an escape, else 0; *code becomes its number. JSON
 * needs one for those below space; DEL and the controls from U+0080 to U+009F could control the
 * terminal on which the JSON is shown. */
static size_t special(const char *at, unsigned *code)
{
    const unsigned char first = (unsigned char)at[0], second = first ? (unsigned char)at[1] : 0;
    const bool two = first == 0xC2 && second >= 0x80 && second < 0xA0;
    *code = two ? second : first;
    return two ? 2 : first < ' ' || first == '"' || first == '\\' || first == 0x7F;
}

static void add_escaped(json_t *value, unsigned code)
{
    char text[16];
    (void)snprintf(text, sizeof text, code == '"' || code == '\\' ? "\\%c" : "\\u%04x", code);
    add(value, text);
}

static void add_string(json_t *value, const char *text)
{
    char *copy = text ? utf8_copy(text) : NULL;
    if (!copy) {
        if (text) incomplete = true;
        add(value, "null");
        return;
    }
    add(value, "\"");
    for (const char *at = copy; *at;) {
        unsigned code;
        size_t plain = 0, bytes;
        while ((bytes = special(at + plain, &code)) == 0) plain++; /* the NUL is special */
        add_bytes(value, at, plain);
        at += plain;
        if (!*at) break;
        add_escaped(value, code);
        at += bytes;
    }
    add(value, "\"");
    free(copy);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* Writes `min_digits` digits, or more, up to `max_digits`, until reading them gives the same
 * double. A point or an exponent marks it as no integer. */
static void add_number(json_t *value, double number, int min_digits, int max_digits)
{
    char text[40];
    if (!isfinite(number)) {
        add(value, "null");
        return;
    }
    for (int digits = min_digits; digits <= max_digits; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number) break;
    }
    add(value, text);
    if (!strpbrk(text, ".e")) add(value, ".0");
}

static void add_integer(json_t *value, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)number);
    add(value, text);
}

/* --- members and items ------------------------------------------------------------------------ */

/* The comma before a member or an item, but not before the first. */
static void next(json_t *value)
{
    if (value && value->size > 1) add(value, ",");
}

static void begin_member(json_t *object, const char *key)
{
    next(object);
    add_string(object, key);
    add(object, ":");
}

void put_text(json_t *object, const char *key, const char *text)
{
    begin_member(object, key);
    add_string(object, text);
}

void put_integer(json_t *object, const char *key, int64_t value)
{
    begin_member(object, key);
    add_integer(object, value);
}

void put_number(json_t *object, const char *key, double value)
{
    begin_member(object, key);
    add_number(object, value, 10, 10);
}

void put_exact(json_t *object, const char *key, double value)
{
    begin_member(object, key);
    add_number(object, value, 15, 17);
}

void put_bool(json_t *object, const char *key, bool value)
{
    put_json_text(object, key, value ? "true" : "false");
}

void put_json_text(json_t *object, const char *key, const char *text)
{
    begin_member(object, key);
    add(object, text ? text : "null");
}

/* Adds the closing bracket. */
static void close(json_t *value)
{
    if (value && value->closing) add_bytes(value, &value->closing, 1);
}

static void add_json(json_t *value, json_t *inner)
{
    close(inner);
    if (inner) {
        add_bytes(value, inner->text, inner->size);
    } else {
        incomplete = true;
    }
    json_free(inner);
}

void put_json(json_t *object, const char *key, json_t *value)
{
    begin_member(object, key);
    add_json(object, value);
}

void append_json(json_t *list, json_t *item)
{
    next(list);
    add_json(list, item);
}

void append_text(json_t *list, const char *text)
{
    next(list);
    add_string(list, text);
}

void append_integer(json_t *list, int64_t value)
{
    next(list);
    add_integer(list, value);
}

/* --- the result ------------------------------------------------------------------------------- */

char *json_line(json_t *object)
{
    char *text = NULL;
    close(object);
    add_bytes(object, "", 1);
    if (object && !incomplete) {
        text = object->text;
        object->text = NULL;
    }
    json_free(object);
    if (!text) (void)cd_fail(CD_ERR_MEMORY, "out of memory for JSON");
    return text;
}

static void new_line(int depth)
{
    (void)putchar('\n');
    for (int i = 0; i < depth; i++) (void)fputs("  ", stdout);
}

/* Prints the string at `at` with its quotes; returns the text after it. */
static const char *print_string(const char *at)
{
    const char *end = at + 1;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    (void)fwrite(at, 1, (size_t)(end + 1 - at), stdout);
    return end + 1;
}

/* Prints JSON with each member and item on a line of its own, two spaces deeper than its parent. */
static void print_indented(const char *at)
{
    int depth = 0;
    while (*at) {
        if (*at == '"') {
            at = print_string(at);
            continue;
        }
        bool opens = *at == '{' || *at == '[', closes = *at == '}' || *at == ']';
        if (closes) new_line(--depth);
        if (*at != ' ') (void)putchar(*at);
        if (opens && (at[1] == '}' || at[1] == ']')) {
            (void)putchar(*++at);
        } else if (opens || *at == ',') {
            new_line(depth += opens);
        } else if (*at == ':') {
            (void)putchar(' ');
        }
        at++;
    }
    (void)putchar('\n');
}

bool print_json(json_t *object)
{
    char *text = json_line(object);
    if (!text) {
        cd_clear_error();
        (void)failed("out of memory for JSON");
        return false;
    }
    print_indented(text);
    flush_output();
    free(text);
    return true;
}
