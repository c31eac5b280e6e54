/* Writes JSON, for standard output and for the training record in a model's card.
 *
 * Where memory runs out, a value is NULL or incomplete. All functions accept such values, and
 * json_line and print_json, which write the object, then fail. */
#ifndef CANDELA_APPS_JSON_H
#define CANDELA_APPS_JSON_H

#include <candela.h>

typedef struct json_t json_t;

json_t *json_object(void);
json_t *json_array(void);
json_t *json_null(void);
/* Frees a value that was neither put into another nor written; NULL is allowed. */
void json_free(json_t *value);

/* Whether all of the text is valid UTF-8. */
bool is_utf8(const char *text);
/* A copy of the text, to be freed with free(). Bytes that are not UTF-8, as file names may have,
 * become U+FFFD. NULL when out of memory. */
char *utf8_copy(const char *text);

/* put_TYPE adds a member to an object, append_TYPE an item to a list. */

/* A string, which utf8_copy makes UTF-8; NULL is written as null. */
void put_text(json_t *object, const char *key, const char *text);
void append_text(json_t *list, const char *text);

void put_integer(json_t *object, const char *key, int64_t value);
void append_integer(json_t *list, int64_t value);

/* A number with 10 digits, for people; null when it is not finite. */
void put_number(json_t *object, const char *key, double value);
/* A number with as many digits as give the same double when read; null when it is not finite. */
void put_exact(json_t *object, const char *key, double value);

void put_bool(json_t *object, const char *key, bool value);

/* Another value, which is consumed. */
void put_json(json_t *object, const char *key, json_t *value);
void append_json(json_t *list, json_t *item);

/* Text that is JSON already, such as a card's; NULL is written as null. */
void put_json_text(json_t *object, const char *key, const char *text);

/* The object on one line, to be freed with free(); NULL with a library error. Frees the object. */
char *json_line(json_t *object);

/* Prints the object on standard output, indented, and frees it. False with a sentence on standard
 * error. */
bool print_json(json_t *object);

#endif
