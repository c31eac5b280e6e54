/* Strings: comparing without case, UTF-8, escaping for terminals; and numbers to and from text in
 * the "C" locale, whatever locale the program has set with setlocale. */
#ifndef CANDELA_CORE_TEXT_INTERNAL_H
#define CANDELA_CORE_TEXT_INTERNAL_H

#include <locale.h>
#include <stdarg.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "core/api.h"

/* As strcmp, without regard to the case of ASCII letters. (strcasecmp depends on the locale: in a
 * Turkish one "GIF" and "gif" differ.) */
int cd_compare_ignoring_case(const char *a, const char *b);
/* Whether cd_compare_ignoring_case is 0. */
bool cd_same_ignoring_case(const char *a, const char *b);

/* Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing above
 * U+10FFFF. */
bool cd_utf8_valid(const void *text, size_t size);

/* As cd_escape_text (error.h), for `size` bytes, which may contain NULs: they become \x00. */
char *cd_escape_bytes(char *out, size_t out_size, const void *text, size_t size);

/* The last part of a UTF-8 text, at most `max` bytes, starting with a whole character. */
const char *cd_text_end(const char *text, size_t max);

/* As vsnprintf, in the "C" locale, so that doubles have a decimal point. */
int cd_vformat(char *out, size_t size, const char *format, va_list arguments);
/* As snprintf, in the "C" locale: for every text with a %g or another conversion of a double. */
int cd_format(char *out, size_t size, const char *format, ...) CD_PRINTF(3, 4);

/* Writes the shortest decimal that cd_text_number reads back as the same double. As Python's repr:
 * it has an exponent for the same values, but no ".0" after an integer. Returns the length; 32
 * bytes are enough. */
int cd_format_shortest(char *out, size_t size, double value);

/* As strtod, in the "C" locale: the decimal point is a point. */
double cd_text_number(const char *text, char **end);

/* Puts this thread into the "C" locale, for code of other libraries too. Returns the locale before,
 * for cd_c_locale_leave. Cannot fail in glibc and musl, where "C" is built in; on a system that
 * cannot make a "C" locale the thread's locale stays. */
locale_t cd_c_locale_enter(void);
/* Restores the locale that cd_c_locale_enter returned. */
void cd_c_locale_leave(locale_t before);

/* cd_vformat followed by cd_escape_text: for the messages of cd_fail and cd_log_line. */
void cd_escaped_vformat(char *out, size_t size, const char *format, va_list arguments);

#endif
