/* Text for sentences: escaped, so that a terminal shows it and does not obey it, and formatted in
 * the "C" locale whatever locale the host's program has set. */
#ifndef CANDELA_CORE_TEXT_INTERNAL_H
#define CANDELA_CORE_TEXT_INTERNAL_H

#include <locale.h>
#include <stdarg.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "core/api.h"

/* Equal but for ASCII's upper and lower case, and as strcmp. strcasecmp takes "GIF" for another
 * word than "gif" where the locale is Turkish. */
bool cd_same_ignoring_case(const char *a, const char *b);
int cd_compare_ignoring_case(const char *a, const char *b);

/* Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool cd_utf8_valid(const void *text, size_t size);

/* As cd_escape_text (error.h), of `size` bytes, which may hold NULs (\x00). Returns `out`. */
char *cd_escape_bytes(char *out, size_t out_size, const void *text, size_t size);

/* The end of a text, of at most `most` bytes, from the start of a character on. */
const char *cd_text_end(const char *text, size_t most);

/* vsnprintf and snprintf with a decimal point, whatever setlocale was told: for every text with a
 * %g or another conversion of a double in it. */
int cd_vformat(char *out, size_t size, const char *format, va_list arguments);
int cd_format(char *out, size_t size, const char *format, ...) CD_PRINTF(3, 4);

/* The fewest digits that cd_text_number reads back as the same double, with an exponent where
 * Python writes one, but no ".0" behind a whole number. Returns the length; 32 bytes are enough. */
int cd_format_shortest(char *out, size_t size, double value);

/* strtod with a decimal point, whatever setlocale was told. */
double cd_text_number(const char *text, char **end);

/* Between the two calls this thread formats and parses as above, in code that is not ours as well:
 * cd_c_locale_leave(before) takes what cd_c_locale_enter returned. Neither can fail where "C" is
 * part of the C library (glibc, musl); a system that refuses it leaves the thread in its locale. */
locale_t cd_c_locale_enter(void);
void cd_c_locale_leave(locale_t before);

/* cd_vformat, then the escapes: what cd_fail and cd_log_line say. What was cut ends in "...". */
void cd_escaped_vformat(char *out, size_t size, const char *format, va_list arguments);

#endif
