/* Class names from a text file, one a line: --classes of candela predict. */
#ifndef CANDELA_APPS_NAMES_H
#define CANDELA_APPS_NAMES_H

#include <candela.h>

typedef struct names {
    char *text;  /* owned; the names point into it */
    char **name; /* owned */
    int64_t count;
} names;

/* Reads a file of UTF-8 text (other bytes are taken as they are), with or without a byte-order
 * mark. Lines end in \n, \r\n or \r. Blanks around a name are removed, and empty lines at the end
 * of the file ignored. False with a library error for a file that cannot be read, is larger than 16
 * MiB, is UTF-16, or holds a NUL, no name, or an empty line between names. */
bool names_read(names *out, const char *path);
void names_free(names *n);

#endif
