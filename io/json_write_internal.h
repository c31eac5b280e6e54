/* JSON put together piece by piece, in memory that grows.
 *
 * A piece for which there is no room sets CD_ERR_MEMORY, and everything after it is dropped: the
 * text is never handed out with something missing. */
#ifndef CANDELA_IO_JSON_WRITE_INTERNAL_H
#define CANDELA_IO_JSON_WRITE_INTERNAL_H

#include "core/api.h"

/* Start from { .most = 0 }. */
typedef struct cd_json_writer {
    char *text; /* owned; NUL-terminated once something was put */
    size_t size, room;
    size_t most;         /* bytes the text may have; 0: any number */
    bool failed, longer; /* longer: it failed because there were more bytes than `most` */
} cd_json_writer;

/* Brackets, commas and literals as they stand. */
void cd_json_put(cd_json_writer *w, const char *text);
void cd_json_put_bytes(cd_json_writer *w, const void *bytes, size_t size);
/* In quotes, with what JSON must have escaped: quote, backslash, control characters. The caller has
 * checked that the text is UTF-8. */
void cd_json_put_string(cd_json_writer *w, const char *text);
void cd_json_put_whole(cd_json_writer *w, uint64_t value);
/* A finite one, with the fewest digits that read back as the same double, and a point or an
 * exponent to tell it from a whole number: 0.485, 1.0, 1e-05. */
void cd_json_put_number(cd_json_writer *w, double value);

/* The text, for cd_free; NULL when a piece is missing. Either way nothing is left in *w. */
char *cd_json_finish(cd_json_writer *w);

#endif
