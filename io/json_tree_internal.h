/* A JSON text read whole into a tree: for the texts of a card (models/card.c), which are short and
 * looked up by key. The header of safetensors, which may be as long as a file, is scanned in place
 * instead (json_scan_internal.h).
 *
 * The tree is one array in the order of the text: the values of a list follow the list, the keys
 * and values of an object follow the object, each key before its value. A value takes 24 bytes, and
 * a text of N bytes has at most N/2 of them. Nothing recurses. */
#ifndef CANDELA_IO_JSON_TREE_INTERNAL_H
#define CANDELA_IO_JSON_TREE_INTERNAL_H

#include "core/error.h"

typedef enum cd_json_kind {
    CD_JSON_NULL,
    CD_JSON_FALSE,
    CD_JSON_TRUE,
    CD_JSON_INTEGER,
    CD_JSON_REAL, /* a number with a point or an exponent */
    CD_JSON_STRING,
    CD_JSON_LIST,
    CD_JSON_OBJECT
} cd_json_kind;

typedef struct cd_json {
    cd_json_kind kind;
    uint32_t span;  /* this value and all values in it: what follows it is at this + span */
    uint32_t count; /* items of a list, members of an object */
    union {
        int64_t integer;
        double real;
        const char *string; /* UTF-8, the escapes resolved; the document's */
    };
} cd_json;

typedef struct cd_json_document {
    cd_json *root; /* owned: the array of values */
    char *text;    /* owned: what the strings point into. To take it over, set this to NULL */
} cd_json_document;

/* Reads a text, which is not needed afterwards. It must be JSON by RFC 8259, without \u0000,
 * integers beyond 64 bits, reals beyond double, and objects with a key twice. False with `code` and
 * an error that begins "LABEL: byte N: the JSON does not parse: ", or with CD_ERR_MEMORY. */
bool cd_json_parse(cd_json_document *d, const char *label, const char *text, cd_code code);

/* Allowed on a zeroed document, and after a failed cd_json_parse. */
void cd_json_free(cd_json_document *d);

/* The value under this key; NULL when there is none, or `object` is NULL or not an object. */
const cd_json *cd_json_get(const cd_json *object, const char *key);

/* The first item of a list, or the first key of an object, if there is one. */
static inline const cd_json *cd_json_first(const cd_json *v)
{
    return v + 1;
}
/* What follows a value: the next item, or the next key. The value of a key is at key + 1. */
static inline const cd_json *cd_json_after(const cd_json *v)
{
    return v + v->span;
}

/* Whether the value is of this kind; false for NULL. */
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
