/* Errors, for the library's own files. */
#ifndef CANDELA_CORE_ERROR_INTERNAL_H
#define CANDELA_CORE_ERROR_INTERNAL_H

#include "core/error.h"

/* A line for the logger, if there is one. */
void cd_log_line(cd_log_level level, const char *format, ...) CD_PRINTF(2, 3);

#endif
