/* Whether two paths lead to one file: for outputs, which must not replace what a run reads. */
#ifndef CANDELA_APPS_SAME_FILE_H
#define CANDELA_APPS_SAME_FILE_H

#include <candela.h>

/* Whether the paths are equal, or lead to one file that exists. */
bool same_file(const char *a, const char *b);

#endif
