/* JSON for standard output and for cards: objects and lists, put together as text.
 *
 * A value for which there is no memory is left out and remembered: json_line and print_json then
 * say so instead of giving half an object. So NULL may stand for any value here. */
#ifndef CANDELA_APPS_JSON_H
#define CANDELA_APPS_JSON_H

#include <candela.h>

typedef struct json_t json_t;

json_t *json_object(void);
json_t *json_array(void);
json_t *json_null(void);
/* For one that was given to nobody; NULL is allowed. */
void json_free(json_t *value);

bool is_utf8(const char *text);
/* The text as UTF-8, for free(): bytes that are none, as names of files may have, become U+FFFD.
 * NULL when memory is out. */
char *utf8_copy(const char *text);

/* A string, as utf8_copy has it; NULL: null. */
void put_text(json_t *object, const char *key, const char *text);
void put_whole(json_t *object, const char *key, int64_t value);
/* With 10 digits, for people; null when it is not finite. */
void put_number(json_t *object, const char *key, double value);
/* With the digits that bring every bit back; null when it is not finite. */
void put_exact(json_t *object, const char *key, double value);
void put_flag(json_t *object, const char *key, bool value);
/* Takes the value over. */
void put_json(json_t *object, const char *key, json_t *value);
/* Text that is JSON already, of a card; NULL: null. */
void put_json_text(json_t *object, const char *key, const char *text);
/* Takes the item over. */
void append_json(json_t *list, json_t *item);
void append_text(json_t *list, const char *text);
void append_whole(json_t *list, int64_t value);

/* The object as one line, for free(); gives the object up. NULL with a library error. */
char *json_line(json_t *object);

/* Writes the object on standard output and gives it up. False with a sentence on standard error. */
bool print_json(json_t *object);

#endif
