/* For tests of data sets: folders, empty files and links below the test's folder. */
#ifndef CANDELA_TESTS_FOLDERS_H
#define CANDELA_TESTS_FOLDERS_H

#include <sys/stat.h>

#include "test.h"

/* Makes an empty file below the test's folder, and the folders on the way to it; a name that ends
 * in "/" is a folder. */
static inline void touch(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    for (char *p = path + strlen(test_folder()) + 1; *p; p++) {
        if (*p != '/') continue;
        *p = '\0';
        (void)mkdir(path, 0700);
        *p = '/';
    }
    if (path[strlen(path) - 1] == '/') return;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    (void)fclose(file);
}

/* Makes a file or folder for each of the names; NULL ends the list. */
static inline void touch_all(const char *const *names)
{
    for (; *names; names++) touch(*names);
}
#define TOUCH(...) touch_all((const char *const[]){ __VA_ARGS__, NULL })

/* Makes `name`, below the test's folder, a symbolic link to `target`. */
static inline void link_to(const char *target, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    assert_int_equal(symlink(target, path), 0);
}

#endif
