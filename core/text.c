/* See text_internal.h; and cd_escape_text of error.h. */
#include "core/text_internal.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

/* --- numbers ---------------------------------------------------------------------------------- */

/* The "C" locale; 0 if the system cannot make one. Made once, since systems other than glibc and
 * musl allocate it. */
static locale_t c_locale(void)
{
    static _Atomic(locale_t) cached;
    locale_t locale = atomic_load(&cached), first = (locale_t)0;
    if (locale) return locale;
    locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!locale || atomic_compare_exchange_strong(&cached, &first, locale)) return locale;
    freelocale(locale); /* another thread was faster */
    return first;
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

/* Adds 1 to the last digit of a number such as "-1.29e+05", which becomes "-1.30e+05". A number of
 * nines alone becomes zeros. */
static void increment_last_digit(char *text)
{
    char *digit = strchr(text, 'e');
    while (digit && digit-- > text && *digit != '-') {
        if (*digit == '.') continue;
        if (*digit != '9') {
            ++*digit;
            return;
        }
        *digit = '0';
    }
}

/* Whether `text`, the decimal of its length that is nearest to the value, reads back as the value,
 * or else the next decimal upwards does; leaves that one in `text`. The second is needed at powers
 * of 2: doubles above one are twice as far apart as below, so a decimal above it may round to it
 * although it is farther away than one below that does not. */
static bool reads_back(char *text, double value)
{
    if (cd_text_number(text, NULL) == value) return true;
    increment_last_digit(text);
    return cd_text_number(text, NULL) == value;
}

int cd_format_shortest(char *out, size_t size, double value)
{
    int decimals = 0, n; /* digits after the first one */
    do n = cd_format(out, size, "%.*e", decimals, value);
    while (!reads_back(out, value) && ++decimals < DBL_DECIMAL_DIG);
    const char *e = strchr(out, 'e');
    long exponent = e ? strtol(e + 1, NULL, 10) : 0;
    if (!isfinite(value) || exponent < -4 || exponent > 15) return n;
    return cd_format(out, size, "%.*f", decimals > exponent ? decimals - (int)exponent : 0, value);
}

/* --- upper and lower case --------------------------------------------------------------------- */

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

/* Sets *point to the code point of the character at `s`, where `left` bytes remain, and returns its
 * length in bytes. Returns 0 for bytes that are not UTF-8: an overlong form, a surrogate, a code
 * point above U+10FFFF, an incomplete sequence. */
static size_t decode(const unsigned char *s, size_t left, uint32_t *point)
{
    static const uint32_t min[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = s[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || length > left || lead >= 0xF8) return 0;
    *point = length == 1 ? lead : lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
        *point = *point << 6 | (s[i] & 0x3Fu);
    }
    bool surrogate = *point >= 0xD800 && *point <= 0xDFFF;
    return *point < min[length] || surrogate || *point > 0x10FFFF ? 0 : length;
}

bool cd_utf8_valid(const void *text, size_t size)
{
    const unsigned char *s = text;
    uint32_t point;
    for (size_t i = 0, length; i < size; i += length) {
        length = decode(s + i, size - i, &point);
        if (length == 0) return false;
    }
    return true;
}

const char *cd_text_end(const char *text, size_t max)
{
    size_t length = strlen(text);
    if (length <= max) return text;
    text += length - max;
    while ((*text & 0xC0) == 0x80) text++;
    return text;
}

/* --- escapes ---------------------------------------------------------------------------------- */

/* Characters that do something to a terminal or a log instead of being shown: control characters
 * (C0, DEL, C1), the line and paragraph separators, and Unicode's Bidi_Control, which changes the
 * order in which text is shown. */
static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x061C || point == 0x200E ||
           point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

enum { ESCAPE_BYTES = 8 };

/* Writes the character at `s`, escaped if necessary, to `out` and returns the number of bytes
 * written. Sets *consumed to the number of bytes read: the character's length, or 1 for a byte that
 * is not UTF-8. */
static size_t escape_one(const unsigned char *s, size_t left, char out[ESCAPE_BYTES],
                         size_t *consumed)
{
    uint32_t point = 0;
    size_t length = decode(s, left, &point);
    *consumed = length ? length : 1;
    if (length && !is_control(point)) {
        memcpy(out, s, length);
        return length;
    }
    static const char from[] = "\t\n\r", to[] = "tnr"; /* the others have no letter */
    const char *letter = length == 1 && point ? strchr(from, (int)point) : NULL;
    if (letter) return (size_t)snprintf(out, ESCAPE_BYTES, "\\%c", to[letter - from]);
    if (length > 1) return (size_t)snprintf(out, ESCAPE_BYTES, "\\u%04x", (unsigned)point);
    return (size_t)snprintf(out, ESCAPE_BYTES, "\\x%02x", s[0]);
}

/* `cut`: the text is the beginning of a longer one, so the result ends in "...". */
static char *escape(char *out, size_t out_size, const unsigned char *text, size_t size, bool cut)
{
    static const char dots[] = "...";
    if (out_size == 0) return out;
    size_t capacity = out_size - 1, ellipsis = capacity < sizeof dots - 1 ? 0 : sizeof dots - 1;
    size_t used = 0;
    size_t cut_at = 0; /* the end of the last character that leaves room for the dots */
    for (size_t i = 0, consumed; i < size; i += consumed) {
        char one[ESCAPE_BYTES];
        size_t length = escape_one(text + i, size - i, one, &consumed);
        cut = cut || length > capacity - used;
        if (length > capacity - used) break;
        memcpy(out + used, one, length);
        used += length;
        if (used + ellipsis <= capacity) cut_at = used;
    }
    if (cut) {
        memcpy(out + cut_at, dots, ellipsis);
        used = cut_at + ellipsis;
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
    if (n < 0) { /* an argument cannot be formatted: the format alone is better than nothing */
        cd_escape_text(out, size, format);
        return;
    }
    escape(out, size, (const unsigned char *)raw, strlen(raw), (size_t)n >= sizeof raw);
}
