/* A JSON text read whole: for the texts of a card, which are short and looked up by key. What may
 * be as long as a file is read in place instead (io/json_scan_internal.h).
 *
 * The values lie one behind the other as the text has them: those of a list or an object follow it,
 * an object's by twos, key and value. A value takes 24 bytes, and a text of N bytes has at most N/2
 * of them. Nothing recurses. */
#ifndef CANDELA_IO_JSON_TREE_INTERNAL_H
#define CANDELA_IO_JSON_TREE_INTERNAL_H

#include "core/error.h"

typedef enum cd_json_kind {
    CD_JSON_NULL,
    CD_JSON_FALSE,
    CD_JSON_TRUE,
    CD_JSON_INTEGER,
    CD_JSON_REAL, /* with a point or an exponent */
    CD_JSON_STRING,
    CD_JSON_LIST,
    CD_JSON_OBJECT
} cd_json_kind;

typedef struct cd_json {
    cd_json_kind kind;
    uint32_t span;  /* values it takes, itself and all inside: the next one is at this + span */
    uint32_t count; /* items of a list, members of an object */
    union {
        int64_t integer;
        double real;
        const char *string; /* UTF-8, the escapes resolved */
    };
} cd_json;

typedef struct cd_json_document {
    cd_json *root;
    char *text; /* what the strings point into; who takes it over puts NULL here */
} cd_json_document;

/* Reads the text, which is not needed afterwards: JSON by RFC 8259, but for \u0000, integers beyond
 * 64 bits, reals beyond double, and keys that an object has twice. What is wrong has the code
 * `code` and a sentence that begins "LABEL: byte N: the JSON does not parse: "; CD_ERR_MEMORY. */
bool cd_json_parse(cd_json_document *d, const char *label, const char *text, cd_code code);

/* Allowed on a zeroed one, and after a failed cd_json_parse. */
void cd_json_free(cd_json_document *d);

/* The member's value; NULL when there is none of the key, or `object` is none. */
const cd_json *cd_json_get(const cd_json *object, const char *key);

/* The first item of a list or key of an object, if it has any, and what follows a value. */
static inline const cd_json *cd_json_first(const cd_json *v)
{
    return v + 1;
}
static inline const cd_json *cd_json_after(const cd_json *v)
{
    return v + v->span;
}

/* False when it is not of this kind; NULL is of none. */
static inline bool cd_json_is(const cd_json *v, cd_json_kind kind)
{
    return v && v->kind == kind;
}
static inline bool cd_json_is_number(const cd_json *v)
{
    return cd_json_is(v, CD_JSON_INTEGER) || cd_json_is(v, CD_JSON_REAL);
}
static inline double cd_json_number(const cd_json *v)
{
    return v->kind == CD_JSON_INTEGER ? (double)v->integer : v->real;
}

#endif
