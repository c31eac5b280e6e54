/* Names in a sentence: the first three of a list, and "..." if there are more. */
#ifndef CANDELA_IO_NAME_LIST_INTERNAL_H
#define CANDELA_IO_NAME_LIST_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

typedef struct cd_name_list {
    char text[240]; /* "conv1.weight, bn1.weight, bn1.bias, ..."; "" while it is empty */
    int64_t count;  /* of all that were added */
} cd_name_list;

/* Zero is an empty list. A long name is cut. */
void cd_name_list_add(cd_name_list *list, const char *name, size_t size);

#endif
