/* A list of names for a message: the first three of them, and "..." if there are more. */
#ifndef CANDELA_IO_NAME_LIST_INTERNAL_H
#define CANDELA_IO_NAME_LIST_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

typedef struct cd_name_list {
    char text[240]; /* "conv1.weight, bn1.weight, bn1.bias, ..."; "" when no name was added */
    int64_t count;  /* of all names that were added, shown or not */
} cd_name_list;

/* Adds a name, escaped and cut to 63 bytes. An all-zero list is an empty one. */
void cd_name_list_add(cd_name_list *list, const char *name, size_t size);

#endif
