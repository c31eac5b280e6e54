/* Whether two lists of class names are the same, and a sentence about what differs: for two splits
 * of a data set, and for a model and the set it is used on. */
#ifndef CANDELA_IO_CLASS_NAMES_INTERNAL_H
#define CANDELA_IO_CLASS_NAMES_INTERNAL_H

#include "core/api.h"

typedef struct cd_class_names {
    const char *where; /* the name of what has these classes, for sentences */
    char *const *items;
    int64_t count;
} cd_class_names;

/* True when both lists have the same names in the same order. Else false with CD_ERR_FORMAT and one
 * of these sentences: two names differ in capital letters only, or only in the bytes of an accent;
 * which names only one list has (at most three of each list); the order differs. CD_ERR_MEMORY. */
bool cd_class_names_same(const cd_class_names *a, const cd_class_names *b);

#endif
