#include "core/text_internal.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

/* --- numbers ---------------------------------------------------------------------------------- */

/* Made at the first use and kept: other systems than glibc and musl, whose "C" is static, allocate
 * it. */
static locale_t c_locale(void)
{
    static _Atomic(locale_t) kept;
    locale_t locale = atomic_load(&kept), none = (locale_t)0;
    if (locale) return locale;
    locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!locale || atomic_compare_exchange_strong(&kept, &none, locale)) return locale;
    freelocale(locale); /* another thread was first */
    return none;
}

locale_t cd_c_locale_enter(void)
{
    return uselocale(c_locale());
}

void cd_c_locale_leave(locale_t before)
{
    (void)uselocale(before);
}

int cd_vformat(char *out, size_t size, const char *format, va_list arguments)
{
    locale_t before = cd_c_locale_enter();
    int n = vsnprintf(out, size, format, arguments);
    cd_c_locale_leave(before);
    return n;
}

int cd_format(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = cd_vformat(out, size, format, arguments);
    va_end(arguments);
    return n;
}

double cd_text_number(const char *text, char **end)
{
    locale_t before = cd_c_locale_enter();
    double value = strtod(text, end);
    cd_c_locale_leave(before);
    return value;
}

/* Adds one to the last digit of "-1.29e+05", so that it is "-1.30e+05". Nines alone become zeros.
 */
static void add_unit(char *text)
{
    char *at = strchr(text, 'e');
    while (at && at-- > text && *at != '-') {
        if (*at == '.') continue;
        if (*at != '9') {
            ++*at;
            return;
        }
        *at = '0';
    }
}

/* Whether the digits, or those that are greater by one in the last place, read back as the value;
 * *text then has them. Above a power of two doubles lie twice as far apart as below: the next
 * decimal upwards may be nearer to it than to any other double, where the nearest one is not. */
static bool reads_back(char *text, double value)
{
    if (cd_text_number(text, NULL) == value) return true;
    add_unit(text);
    return cd_text_number(text, NULL) == value;
}

int cd_format_shortest(char *out, size_t size, double value)
{
    int after = 0, n; /* digits behind the first one */
    do n = cd_format(out, size, "%.*e", after, value);
    while (!reads_back(out, value) && ++after < DBL_DECIMAL_DIG);
    const char *e = strchr(out, 'e');
    long exponent = e ? strtol(e + 1, NULL, 10) : 0;
    if (!isfinite(value) || exponent < -4 || exponent > 15) return n;
    return cd_format(out, size, "%.*f", after > exponent ? after - (int)exponent : 0, value);
}

/* --- letters ---------------------------------------------------------------------------------- */

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

int cd_compare_ignoring_case(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) a++, b++;
    return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

bool cd_same_ignoring_case(const char *a, const char *b)
{
    return cd_compare_ignoring_case(a, b) == 0;
}

/* --- UTF-8 ------------------------------------------------------------------------------------ */

/* The character at `s`, of which `left` bytes are there, and its length in bytes; length 0 for what
 * is no UTF-8: an overlong form, a surrogate, something above U+10FFFF, a cut sequence. */
static size_t decode(const unsigned char *s, size_t left, uint32_t *point)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = s[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || length > left || lead >= 0xF8) return 0;
    *point = length == 1 ? lead : lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
        *point = *point << 6 | (s[i] & 0x3Fu);
    }
    bool surrogate = *point >= 0xD800 && *point <= 0xDFFF;
    return *point < least[length] || surrogate || *point > 0x10FFFF ? 0 : length;
}

bool cd_utf8_valid(const void *text, size_t size)
{
    const unsigned char *s = text;
    uint32_t point;
    for (size_t at = 0, length; at < size; at += length) {
        length = decode(s + at, size - at, &point);
        if (length == 0) return false;
    }
    return true;
}

const char *cd_text_end(const char *text, size_t most)
{
    size_t length = strlen(text);
    if (length <= most) return text;
    text += length - most;
    while ((*text & 0xC0) == 0x80) text++;
    return text;
}

/* --- escapes ---------------------------------------------------------------------------------- */

/* What a terminal or a log obeys: control characters (C0, DEL, C1), the line and the paragraph
 * separator, and Unicode's Bidi_Control, which shows text in another order than it is in. */
static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x061C || point == 0x200E ||
           point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

enum { ESCAPE_BYTES = 8 };

/* Writes the character, or the byte that belongs to none, at `s` and returns how many bytes that
 * took in `out`; *taken are those it took of `s`. */
static size_t escape_one(const unsigned char *s, size_t left, char out[ESCAPE_BYTES], size_t *taken)
{
    uint32_t point = 0;
    size_t length = decode(s, left, &point);
    *taken = length ? length : 1;
    if (length && !is_control(point)) {
        memcpy(out, s, length);
        return length;
    }
    static const char from[] = "\t\n\r", to[] = "tnr";
    const char *letter = length == 1 && point ? strchr(from, (int)point) : NULL;
    if (letter) return (size_t)snprintf(out, ESCAPE_BYTES, "\\%c", to[letter - from]);
    if (length > 1) return (size_t)snprintf(out, ESCAPE_BYTES, "\\u%04x", (unsigned)point);
    return (size_t)snprintf(out, ESCAPE_BYTES, "\\x%02x", s[0]);
}

/* `cut`: the text is the beginning of a longer one. */
static char *escape(char *out, size_t out_size, const unsigned char *text, size_t size, bool cut)
{
    static const char dots[] = "...";
    if (out_size == 0) return out;
    size_t room = out_size - 1, mark = room < sizeof dots - 1 ? 0 : sizeof dots - 1;
    size_t used = 0, kept = 0; /* kept: up to where the mark has room behind it */
    for (size_t at = 0, taken; at < size; at += taken) {
        char one[ESCAPE_BYTES];
        size_t length = escape_one(text + at, size - at, one, &taken);
        cut = cut || length > room - used;
        if (length > room - used) break;
        memcpy(out + used, one, length);
        used += length;
        if (used + mark <= room) kept = used;
    }
    if (cut) {
        memcpy(out + kept, dots, mark);
        used = kept + mark;
    }
    out[used] = '\0';
    return out;
}

char *cd_escape_bytes(char *out, size_t out_size, const void *text, size_t size)
{
    return escape(out, out_size, text, size, false);
}

char *cd_escape_text(char *out, size_t size, const char *text)
{
    return escape(out, size, (const unsigned char *)text, text ? strlen(text) : 0, false);
}

void cd_escaped_vformat(char *out, size_t size, const char *format, va_list arguments)
{
    char raw[CD_ERROR_MESSAGE_BYTES];
    int n = cd_vformat(raw, sizeof raw, format, arguments);
    if (n < 0) { /* an argument that cannot be written: the format alone still says what is wrong */
        cd_escape_text(out, size, format);
        return;
    }
    escape(out, size, (const unsigned char *)raw, strlen(raw), (size_t)n >= sizeof raw);
}
