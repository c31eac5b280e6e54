/* A file of names, a line each. */
#ifndef CANDELA_APPS_NAMES_H
#define CANDELA_APPS_NAMES_H

#include <candela.h>

typedef struct names {
    char *text;  /* owned; the names point into it */
    char **name; /* owned */
    int64_t count;
} names;

/* Text in UTF-8 (other bytes are taken as they are), with or without a byte-order mark. Lines end
 * in \n, \r\n or \r; blanks around a name and empty lines at the end do not count. False with a
 * library error for a file that cannot be read, of more than 16 MiB, in UTF-16, with a NUL in it,
 * or with an empty line between names. */
bool names_read(names *out, const char *path);
void names_free(names *n);

#endif
