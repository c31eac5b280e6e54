/* JSON read in place, from left to right, for the header of safetensors: the caller says what must
 * come next. json_tree_internal.h reads texts of any form.
 *
 * No tree is built and nothing recurses, so a header costs no more memory than its bytes and what
 * the caller stores. Numbers are unsigned integers, as safetensors has no others. Errors are
 * CD_ERR_FORMAT "LABEL: byte N: the JSON does not parse: ...". */
#ifndef CANDELA_IO_JSON_SCAN_INTERNAL_H
#define CANDELA_IO_JSON_SCAN_INTERNAL_H

#include "io/bytes_internal.h"

/* A string as it is in the file, checked: UTF-8, only escapes that mean a character,
 * no control characters. */
typedef struct cd_json_text {
    const unsigned char *raw; /* the bytes between the quotes, escapes unresolved */
    size_t raw_size;
    size_t decoded_size; /* bytes of UTF-8 once the escapes are resolved; at most raw_size */
    bool has_nul;        /* as the escape \u0000, which JSON allows and no C string can hold */
} cd_json_text;

/* Moves to the next character that is not white space and returns it; -1 at the end. */
int cd_json_peek(cd_cursor *json);
/* Moves behind the next character that is not white space; it must be `c`. */
bool cd_json_expect(cd_cursor *json, char c);
/* Called before each member of an object or item of an array that ends with `closing`.
 * Moves behind the ',' (for the first there is none) and sets *more; or moves behind
 * `closing` and clears *more. */
bool cd_json_next(cd_cursor *json, char closing, bool first, bool *more);
/* Reads a string. */
bool cd_json_string(cd_cursor *json, cd_json_text *out);
/* Reads a number. Digits only, at most 2^64-1: no sign, fraction, exponent or leading zero. */
bool cd_json_unsigned(cd_cursor *json, uint64_t *out);
/* Checks that only white space is left. */
bool cd_json_end(cd_cursor *json);

/* Writes the text, escapes resolved: text->decoded_size bytes and no NUL behind them. */
void cd_json_decode(const cd_json_text *text, char *out);
/* The same with a NUL behind them. False, with nothing written, when `out` is too small or the text
 * has a NUL of its own. */
bool cd_json_decode_into(const cd_json_text *text, char *out, size_t out_size);

#endif
