/* Second names of files: second_name_internal.h. */
#include "io/second_name_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/atomic_file_internal.h"
#include "io/bytes_internal.h"

/* --- by a link -------------------------------------------------------------------------------- */

/* A hard link at a name of its own in the folder of `to`. The name is that of a temporary file
 * (temporary_file_internal.h), so that the next save removes one that a killed process left. */
static bool link_temporary(const char *from, const char *to, char path[PATH_MAX])
{
    enum { NAMES_TRIED = 100 };
    const char *slash = strrchr(to, '/');
    const int folder = slash ? (int)(slash - to) + 1 : 0;
    for (int i = 0; i < NAMES_TRIED; i++) {
        const int size =
            snprintf(path, PATH_MAX, "%.*s.candela-%ld-%d.tmp", folder, to, (long)getpid(), i);
        if (size < 0 || size >= PATH_MAX) return false;
        if (cd_file_calls_used->link(from, path) == 0) return true;
        if (errno != EEXIST) return false;
    }
    return false;
}

/* Whether both are names of one file already; a rename would then leave both names. */
static bool is_done(const char *from, const struct stat *to)
{
    struct stat info;
    return stat(from, &info) == 0 && info.st_dev == to->st_dev && info.st_ino == to->st_ino;
}

static bool by_link(const char *from, const char *to)
{
    char path[PATH_MAX];
    struct stat there;
    if (lstat(to, &there) == 0) {
        const bool is_link = S_ISLNK(there.st_mode);           /* which the rename replaces */
        if (!is_link && !S_ISREG(there.st_mode)) return false; /* a copy says what it is */
        if (!is_link && is_done(from, &there)) return true;
    }
    if (!link_temporary(from, to, path)) return false;
    if (cd_file_calls_used->rename(path, to) == 0) return true;
    (void)cd_file_calls_used->unlink(path);
    return false;
}

/* --- by a copy -------------------------------------------------------------------------------- */

static bool cannot(const char *what, const char *path)
{
    char label[CD_BYTES_LABEL];
    const int error = errno;
    cd_bytes_label(label, path);
    return cd_fail(CD_ERR_IO, "%s: cannot %s: %s", label, what, strerror(error));
}

/* A file that is written at a symbolic link goes to where the link leads (cd_atomic_file). */
static bool remove_link(const char *path)
{
    struct stat info;
    if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode)) return true;
    return cd_file_calls_used->unlink(path) == 0 || cannot("replace the link", path);
}

static bool copy_bytes(int fd, const char *from, cd_atomic_file *to)
{
    enum { PIECE = 1 << 18 };
    char *piece = cd_alloc(PIECE);
    bool done = piece != NULL;
    for (ssize_t n = 1; done && n != 0;) {
        n = read(fd, piece, PIECE);
        if (n < 0 && errno == EINTR) continue;
        done = n < 0 ? cannot("read it", from) : cd_atomic_file_write(to, piece, (size_t)n);
    }
    cd_free(piece);
    return done;
}

static bool by_copy(const char *from, const char *to)
{
    const int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return cannot("read it", from);
    cd_atomic_file *file = remove_link(to) ? cd_atomic_file_open(to) : NULL;
    bool done = file && copy_bytes(fd, from, file);
    (void)close(fd);
    if (done) return cd_atomic_file_commit(file);
    cd_atomic_file_abandon(file);
    return false;
}

bool cd_second_name(const char *from, const char *to)
{
    return cd_ok() && (by_link(from, to) || by_copy(from, to));
}
