/* JSON for standard output and for cards: objects built key by key.
 *
 * A value for which there is no memory is left out and remembered: json_line and print_json then
 * say so instead of giving half an object. */
#ifndef CANDELA_APPS_JSON_H
#define CANDELA_APPS_JSON_H

#include <candela.h>
#include <jansson.h>

/* A JSON string; bytes that are no UTF-8, as names of files may have, become U+FFFD. NULL: null. */
json_t *json_text(const char *text);
void put_text(json_t *object, const char *key, const char *text);
void put_whole(json_t *object, const char *key, int64_t value);
/* null when it is not finite. */
void put_number(json_t *object, const char *key, double value);
void put_flag(json_t *object, const char *key, bool value);
/* Takes the value over. */
void put_json(json_t *object, const char *key, json_t *value);
/* Takes the item over. */
void append_json(json_t *list, json_t *item);
void append_text(json_t *list, const char *text);
void append_whole(json_t *list, int64_t value);

/* The object as one line, for free(); gives the object up. NULL with a library error. */
char *json_line(json_t *object);

/* Writes the object on standard output and gives it up. False with a sentence on standard error. */
bool print_json(json_t *object);

#endif
