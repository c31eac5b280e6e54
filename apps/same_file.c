/* Compares the files that paths lead to. */
#include "apps/same_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS = 40 }; /* as many as Linux follows */

/* Writes the folder of a path: "." of a name alone. Returns the name behind it; NULL where it is
 * too long. */
static const char *split_path(const char *path, char folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    const size_t length = slash ? (size_t)(slash - path) + (slash == path) : 1;
    if (length >= PATH_MAX) return NULL;
    memcpy(folder, slash ? path : ".", length);
    folder[length] = '\0';
    return slash ? slash + 1 : path;
}

/* Joins the folder, which is replaced, and the name. False where they are too long. */
static bool join(char folder[PATH_MAX], const char *name)
{
    const size_t used = strlen(folder), size = strlen(name);
    if (used + size + 2 > PATH_MAX) return false;
    folder[used] = '/';
    memcpy(folder + used + 1, name, size + 1);
    return true;
}

/* Follows a link, which may lead to no file yet. False where the path is none, and with an error
 * where the disk or memory failed and so nothing is known. */
static bool follow(char path[PATH_MAX])
{
    char target[PATH_MAX], folder[PATH_MAX];
    const ssize_t size = readlink(path, target, sizeof target - 1);
    if (size < 0 && (errno == EIO || errno == ENOMEM)) {
        return cd_fail(CD_ERR_IO, "%s: it cannot be told whether it is a link: %s", path,
                       strerror(errno));
    }
    if (size <= 0) return false;
    target[size] = '\0';
    if (*target == '/') {
        strcpy(path, target);
        return true;
    }
    if (!split_path(path, folder) || !join(folder, target)) return false;
    strcpy(path, folder);
    return true;
}

/* The path without links, "." and "..", also of a file that is not there yet, in a folder that is.
 * False where that cannot be found out. */
static bool resolve(const char *path, char out[PATH_MAX])
{
    char now[PATH_MAX], folder[PATH_MAX];
    if (strlen(path) >= sizeof now) return false;
    strcpy(now, path);
    for (int i = 0; i < LINKS && follow(now); i++) continue;
    if (realpath(now, out)) return true;
    const char *name = split_path(now, folder);
    return name && *name && realpath(folder, out) && join(out, name);
}

bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    char first[PATH_MAX], second[PATH_MAX];
    if (strcmp(a, b) == 0) return true;
    const bool is = stat(a, &x) == 0, other_is = stat(b, &y) == 0;
    if (is || other_is) {
        return is && other_is && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    }
    return resolve(a, first) && resolve(b, second) && strcmp(first, second) == 0;
}

bool is_directly_in(const char *path, const char *folder, const char **name)
{
    static char resolved[PATH_MAX];
    char own[PATH_MAX];
    if (!resolve(path, resolved)) return false;
    *name = split_path(resolved, own);
    return *name && same_file(own, folder);
}
