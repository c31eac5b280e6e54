/* JSON read in place, from left to right: the caller says what must come next.
 *
 * No tree is built and nothing recurses, so a header costs no more memory than its bytes and what
 * its caller keeps of it. Stricter than JSON where safetensors is: numbers are unsigned integers.
 */
#ifndef CANDELA_IO_JSON_SCAN_INTERNAL_H
#define CANDELA_IO_JSON_SCAN_INTERNAL_H

#include "io/bytes_internal.h"

/* A string as it stands in the file, between its quotes, checked: UTF-8, escapes that mean a
 * character, no control characters. */
typedef struct cd_json_text {
    const unsigned char *at;
    size_t size;    /* in the file */
    size_t decoded; /* bytes of UTF-8 when the escapes are resolved; never more than `size` */
    bool has_nul;   /* as the escape \u0000, which JSON allows and no C string can hold */
} cd_json_text;

/* The next character that is no white space, not taken; -1 at the end. */
int cd_json_peek(cd_cursor *json);
/* Takes `c`, which must be the next character that is no white space. */
bool cd_json_expect(cd_cursor *json, char c);
/* Between the members of an object or the items of an array that ends in `closing`: takes ',' and
 * sets *more, or takes `closing` and clears it. With `first`, there need be no member before. */
bool cd_json_next(cd_cursor *json, char closing, bool first, bool *more);
bool cd_json_string(cd_cursor *json, cd_json_text *out);
/* Digits only, at most 2^64-1: no sign, fraction, exponent or leading zero. */
bool cd_json_unsigned(cd_cursor *json, uint64_t *out);
/* White space only until the end. */
bool cd_json_end(cd_cursor *json);

/* Writes text->decoded bytes to `out`. */
void cd_json_decode(const cd_json_text *text, char *out);
/* The same with a NUL behind it, into `out_size` bytes; false when they are too few, or the text
 * has a NUL of its own. */
bool cd_json_decode_into(const cd_json_text *text, char *out, size_t out_size);

#endif
