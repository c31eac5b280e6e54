/* Text for sentences: escaped, so that a terminal shows it and does not obey it, and formatted in
 * the "C" locale whatever locale the host's program has set. */
#ifndef CANDELA_CORE_TEXT_INTERNAL_H
#define CANDELA_CORE_TEXT_INTERNAL_H

#include <stdarg.h>

#include "core/api.h"

/* As cd_escape_text (error.h), of `size` bytes, which may hold NULs (\x00). Returns `out`. */
char *cd_escape_bytes(char *out, size_t out_size, const void *text, size_t size);

/* vsnprintf, then the escapes: what cd_fail and cd_log_line say. What was cut ends in "...". */
void cd_escaped_vformat(char *out, size_t size, const char *format, va_list arguments);

#endif
