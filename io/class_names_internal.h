/* Two lists of class names, compared. */
#ifndef CANDELA_IO_CLASS_NAMES_INTERNAL_H
#define CANDELA_IO_CLASS_NAMES_INTERNAL_H

#include "core/api.h"

typedef struct cd_class_names {
    const char *where; /* what has these classes, for sentences */
    char *const *items;
    int64_t count;
} cd_class_names;

/* True when both have the same names in the same order. Else CD_ERR_FORMAT with a sentence: which
 * names only one of them has (three at most each way), that two names differ in capital letters or
 * in the bytes of an accent only, or that the order differs. */
bool cd_class_names_same(const cd_class_names *a, const cd_class_names *b);

#endif
