/* Writing to the logger, for the library's own files. */
#ifndef CANDELA_CORE_ERROR_INTERNAL_H
#define CANDELA_CORE_ERROR_INTERNAL_H

#include "core/error.h"

/* Formats a message and passes it to the logger; does nothing when there is none. */
void cd_log_line(cd_log_level level, const char *format, ...) CD_PRINTF(2, 3);

#endif
