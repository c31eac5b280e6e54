/* JSON text made piece by piece, in memory that grows: for the header of safetensors, the texts of
 * cards and the preprocessing.
 *
 * When memory for a piece is missing, CD_ERR_MEMORY is set and everything after it is dropped;
 * cd_json_finish then returns NULL. So a text is never handed out with something missing. */
#ifndef CANDELA_IO_JSON_WRITE_INTERNAL_H
#define CANDELA_IO_JSON_WRITE_INTERNAL_H

#include "core/api.h"

/* All zero is an empty text of any length. */
typedef struct cd_json_writer {
    char *text; /* owned; NUL-terminated once something was put */
    size_t size, capacity;
    size_t max_size; /* bytes that the text may have; 0: any number */
    bool failed;     /* a piece is missing */
    bool too_long;   /* the reason is max_size, for which no error is set */
} cd_json_writer;

/* Appends a text as it is: brackets, commas, literals. */
void cd_json_put(cd_json_writer *w, const char *text);
/* Appends bytes as they are. */
void cd_json_put_bytes(cd_json_writer *w, const void *bytes, size_t size);
/* Appends a string: in quotes, with escapes for quotes, backslashes and control characters. The
 * caller has checked that the text is UTF-8. */
void cd_json_put_string(cd_json_writer *w, const char *text);
/* Appends an integer. */
void cd_json_put_whole(cd_json_writer *w, uint64_t value);
/* Appends a finite number with the fewest digits that read back as the same double, and with a
 * point or an exponent, so that it is no integer: 0.485, 1.0, 1e-05. */
void cd_json_put_number(cd_json_writer *w, double value);

/* The text, which the caller frees with cd_free; NULL when a piece is missing. Empties *w, except
 * for max_size, failed and too_long. */
char *cd_json_finish(cd_json_writer *w);

#endif
