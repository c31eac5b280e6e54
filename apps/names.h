/* A file of names, a line each. */
#ifndef CANDELA_APPS_NAMES_H
#define CANDELA_APPS_NAMES_H

#include <candela.h>

typedef struct names {
    char *text;  /* owned; the names point into it */
    char **name; /* owned */
    int64_t count;
} names;

/* Lines end in \n or \r\n; empty ones at the end do not count. False with a library error: a file
 * that cannot be read, of more than 16 MiB, or with a NUL in it. */
bool names_read(names *out, const char *path);
void names_free(names *n);

#endif
