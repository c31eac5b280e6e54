/* The scanner of json_scan_internal.h. json_tree.c uses it too. */
#include "io/json_scan_internal.h"

#include <string.h>

static bool fail_at(const cd_cursor *json, const char *sentence)
{
    return cd_bytes_fail(json->bytes, CD_ERR_FORMAT, json->at, "the JSON does not parse: %s",
                         sentence);
}

int cd_json_peek(cd_cursor *json)
{
    while (json->at < json->end) {
        unsigned char c = json->bytes->data[json->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return c;
        json->at++;
    }
    return -1;
}

bool cd_json_expect(cd_cursor *json, char c)
{
    int next = cd_json_peek(json);
    if (next == (unsigned char)c) {
        json->at++;
        return true;
    }
    if (next < 0) {
        return cd_bytes_fail(json->bytes, CD_ERR_FORMAT, json->at,
                             "the JSON does not parse: '%c' must stand here, and here it ends", c);
    }
    char found[8];
    unsigned char byte = (unsigned char)next;
    return cd_bytes_fail(json->bytes, CD_ERR_FORMAT, json->at,
                         "the JSON does not parse: '%c' must stand here, and it is '%s'", c,
                         cd_printable(found, sizeof found, &byte, 1));
}

bool cd_json_next(cd_cursor *json, char closing, bool first, bool *more)
{
    int next = cd_json_peek(json);
    *more = next != closing;
    if (next == closing) {
        json->at++;
        return true;
    }
    return first || cd_json_expect(json, ',');
}

bool cd_json_end(cd_cursor *json)
{
    if (cd_json_peek(json) < 0) return true;
    return fail_at(json, "something follows after it");
}

/* --- numbers ---------------------------------------------------------------------------------- */

bool cd_json_unsigned(cd_cursor *json, uint64_t *out)
{
    int next = cd_json_peek(json);
    if (next < '0' || next > '9') {
        return fail_at(json, "an unsigned integer must stand here (no sign, text, list or null)");
    }
    size_t start = json->at;
    uint64_t value = 0;
    while (json->at < json->end) {
        unsigned char c = json->bytes->data[json->at];
        if (c < '0' || c > '9') break;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(c - '0'), &value)) {
            return fail_at(json, "the integer here does not fit 64 bits");
        }
        json->at++;
    }
    if (json->at - start > 1 && next == '0') return fail_at(json, "an integer begins with 0");
    if (json->at < json->end) {
        unsigned char c = json->bytes->data[json->at];
        if (c == '.' || c == 'e' || c == 'E') return fail_at(json, "an integer must stand here");
    }
    *out = value;
    return true;
}

/* --- strings ---------------------------------------------------------------------------------- */

static int hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The number of the four hexadecimal digits at `at`; -1 if there are not four. */
static int32_t hex4(const unsigned char *at, size_t left)
{
    if (left < 4) return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The escape at `at`, which is behind the backslash: its code point, or -1 for none. *taken is the
 * number of its bytes. Code points above 0xFFFF are two \u escapes, a high and a low surrogate. */
static int32_t escape(const unsigned char *at, size_t left, size_t *taken)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (left == 0) return -1;
    *taken = 1;
    const char *name = at[0] ? strchr(names, at[0]) : NULL;
    if (name) return values[name - names];
    if (at[0] != 'u') return -1;
    int32_t high = hex4(at + 1, left - 1);
    *taken = 5;
    if (high < 0xD800 || high > 0xDFFF) return high;
    if (high > 0xDBFF || left < 11 || at[5] != '\\' || at[6] != 'u') return -1;
    int32_t low = hex4(at + 7, left - 7);
    if (low < 0xDC00 || low > 0xDFFF) return -1;
    *taken = 11;
    return 0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00);
}

/* Writes a code point as UTF-8 to `out`, unless that is NULL. Returns the number of bytes. */
static size_t encode_utf8(int32_t point, char *out)
{
    uint32_t p = (uint32_t)point;
    char bytes[4];
    size_t size = p < 0x80 ? 1 : p < 0x800 ? 2 : p < 0x10000 ? 3 : 4;
    if (size == 1) {
        bytes[0] = (char)p;
    } else {
        static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
        for (size_t i = size - 1; i > 0; i--, p >>= 6) bytes[i] = (char)(0x80 | (p & 0x3F));
        bytes[0] = (char)(lead[size] | p);
    }
    if (out) memcpy(out, bytes, size);
    return size;
}

/* Moves to the closing quote, checking the characters and counting the decoded ones. */
static bool check_characters(cd_cursor *json, cd_json_text *out)
{
    const unsigned char *data = json->bytes->data;
    while (json->at < json->end) {
        unsigned char c = data[json->at];
        if (c == '"') return true;
        if (c < 0x20) return fail_at(json, "a control character stands in a string");
        if (c == '\\') {
            size_t taken;
            int32_t point = escape(data + json->at + 1, json->end - json->at - 1, &taken);
            if (point < 0) return fail_at(json, "an escape in a string means no character");
            json->at += 1 + taken;
            out->has_nul = out->has_nul || point == 0;
            out->decoded_size += encode_utf8(point, NULL);
        } else {
            json->at++;
            out->decoded_size++;
        }
    }
    return fail_at(json, "a string does not end");
}

bool cd_json_string(cd_cursor *json, cd_json_text *out)
{
    if (!cd_json_expect(json, '"')) return false;
    *out = (cd_json_text){ .raw = json->bytes->data + json->at };
    if (!check_characters(json, out)) return false;
    out->raw_size = (size_t)(json->bytes->data + json->at - out->raw);
    json->at++; /* the closing quote */
    if (!cd_utf8_valid(out->raw, out->raw_size)) return fail_at(json, "a string is not UTF-8");
    return true;
}

void cd_json_decode(const cd_json_text *text, char *out)
{
    for (size_t i = 0; i < text->raw_size;) {
        if (text->raw[i] != '\\') {
            *out++ = (char)text->raw[i++];
        } else {
            size_t taken;
            int32_t point = escape(text->raw + i + 1, text->raw_size - i - 1, &taken);
            out += encode_utf8(point, out);
            i += 1 + taken;
        }
    }
}

bool cd_json_decode_into(const cd_json_text *text, char *out, size_t out_size)
{
    if (text->decoded_size >= out_size || text->has_nul) return false;
    cd_json_decode(text, out);
    out[text->decoded_size] = '\0';
    return true;
}
