/* JSON by jansson, whatever locale the host's program has set.
 *
 * jansson turns numbers by strtod and snprintf and puts the locale's decimal point in or takes it
 * out, as one byte; where that point is several bytes (ps_AF), an assert of it ends the process.
 * The library calls jansson's reader and writer through these two only. */
#ifndef CANDELA_IO_JSON_TEXT_INTERNAL_H
#define CANDELA_IO_JSON_TEXT_INTERNAL_H

#include <jansson.h>

#include "core/api.h"

/* As json_loadb: NULL, and the reason in *error, which must be given. */
json_t *cd_json_load(const char *text, size_t length, size_t flags, json_error_t *error);

/* As json_dumps: NULL when memory is out; the text is the caller's, for free(). */
char *cd_json_dump(const json_t *json, size_t flags);

#endif
