/* Whether two paths lead to one file: for outputs, which must not replace what a run reads or
 * writes elsewhere. */
#ifndef CANDELA_APPS_SAME_FILE_H
#define CANDELA_APPS_SAME_FILE_H

#include <candela.h>

/* Whether the paths lead to one file, or would once it is written: "m", "./m" and a link to it.
 * False with a library error where that could not be found out. */
bool same_file(const char *a, const char *b);

/* Whether the path leads to a file directly in this folder, or would; *name is then its name there,
 * valid until the next call. */
bool is_directly_in(const char *path, const char *folder, const char **name);

#endif
