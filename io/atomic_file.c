#include "io/atomic_file_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/bytes_internal.h"
#include "io/checkpoint.h"
#include "io/file_ending_internal.h"
#include "io/temporary_file_internal.h"

enum { BUFFER = 1 << 16, LINKS_MAX = 40, WRITE_MAX = 1 << 30 };

struct cd_atomic_file {
    cd_temporary temporary;
    size_t buffered;
    char target[PATH_MAX]; /* where the file goes, links followed */
    char folder[PATH_MAX]; /* of the target: "" is the root, "." the working folder */
    unsigned char buffer[BUFFER];
};

/* --- the system ------------------------------------------------------------------------------- */

static int system_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

const cd_file_calls cd_file_calls_system = { .open = system_open,
                                             .flock = flock,
                                             .write = write,
                                             .fchmod = fchmod,
                                             .fsync = fsync,
                                             .close = close,
                                             .rename = rename,
                                             .unlink = unlink };

const cd_file_calls *cd_file_calls_used = &cd_file_calls_system;

static bool refused(const char *path, int error)
{
    char label[CD_BYTES_LABEL];
    cd_bytes_label(label, path);
    return cd_fail(CD_ERR_IO, "%s: cannot write it: %s", label, strerror(error));
}

/* --- where the file goes -----------------------------------------------------------------------
 */

/* The length of the folder's part of a path: "a/b" 1, "/b" 0, "b" 0. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

/* Puts the target of the link at `path` in its place; relative targets start at the link's folder.
 */
static bool step_along(char path[PATH_MAX])
{
    char link[PATH_MAX];
    ssize_t size = readlink(path, link, sizeof link - 1);
    if (size < 0) return refused(path, errno);
    link[size] = '\0';
    size_t folder = link[0] == '/' || !strchr(path, '/') ? 0 : folder_length(path) + 1;
    if (folder + (size_t)size >= PATH_MAX) return refused(path, ENAMETOOLONG);
    memcpy(path + folder, link, (size_t)size + 1);
    return true;
}

/* Follows links to what need not exist. *info is of what does; *exists says so. */
static bool find_target(char path[PATH_MAX], struct stat *info, bool *exists)
{
    for (int links = 0; links <= LINKS_MAX; links++) {
        *exists = lstat(path, info) == 0;
        if (!*exists && errno != ENOENT) return refused(path, errno);
        if (!*exists || !S_ISLNK(info->st_mode)) return true;
        if (!step_along(path)) return false;
    }
    return refused(path, ELOOP);
}

static bool check_target(const char *path, const struct stat *info)
{
    if (S_ISDIR(info->st_mode)) return refused(path, EISDIR);
    if (!S_ISREG(info->st_mode)) {
        char label[CD_BYTES_LABEL];
        cd_bytes_label(label, path);
        return cd_fail(CD_ERR_IO,
                       "%s: cannot write it: it is a device, pipe or socket, and a "
                       "file that replaces it as a whole would remove that",
                       label);
    }
    if (access(path, W_OK) != 0) return refused(path, errno);
    return true;
}

static bool set_paths(cd_atomic_file *file, const char *path, mode_t *mode, bool *replaces)
{
    size_t length = strlen(path);
    if (length == 0) return refused("\"\"", ENOENT);
    if (length >= PATH_MAX) return refused(path, ENAMETOOLONG);
    memcpy(file->target, path, length + 1);
    struct stat info;
    if (!find_target(file->target, &info, replaces)) return false;
    if (*replaces && !check_target(file->target, &info)) return false;
    length = strlen(file->target);
    if (file->target[length - 1] == '/') return refused(path, EISDIR);
    if (*replaces) *mode = info.st_mode & 0777;
    if (strchr(file->target, '/')) {
        memcpy(file->folder, file->target, folder_length(file->target));
    } else {
        memcpy(file->folder, ".", 2);
    }
    return true;
}

/* --- making it -------------------------------------------------------------------------------- */

static int open_again(const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = cd_file_calls_used->open(path, flags, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static bool create(cd_atomic_file *file, const char *path, bool replaces)
{
    cd_temporary_clean(file->folder);
    int error = cd_temporary_create(&file->temporary, file->folder, replaces ? 0600 : 0666);
    return error == 0 || refused(path, error);
}

cd_atomic_file *cd_atomic_file_open(const char *path)
{
    if (!path) {
        (void)cd_fail(CD_ERR_ARGUMENT, "write: the path is NULL");
        return NULL;
    }
    cd_atomic_file *file = cd_alloc(sizeof *file);
    if (!file) return NULL;
    file->temporary.fd = file->temporary.lock = -1;
    file->buffered = 0;
    memset(file->folder, 0, sizeof file->folder);
    mode_t mode = 0;
    bool replaces = false;
    if (set_paths(file, path, &mode, &replaces) && create(file, path, replaces)) {
        if (!replaces || cd_file_calls_used->fchmod(file->temporary.fd, mode) == 0) return file;
        (void)refused(path, errno);
    }
    cd_atomic_file_abandon(file);
    return NULL;
}

static bool write_all(cd_atomic_file *file, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        size_t piece = size < WRITE_MAX ? size : WRITE_MAX;
        ssize_t n = cd_file_calls_used->write(file->temporary.fd, bytes, piece);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return refused(file->target, n < 0 ? errno : EIO);
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

static bool flush(cd_atomic_file *file)
{
    size_t size = file->buffered;
    file->buffered = 0;
    return write_all(file, file->buffer, size);
}

bool cd_atomic_file_write(cd_atomic_file *file, const void *bytes, size_t size)
{
    if (size > BUFFER - file->buffered && !flush(file)) return false;
    if (size >= BUFFER) return write_all(file, bytes, size);
    if (size) memcpy(file->buffer + file->buffered, bytes, size);
    file->buffered += size;
    return true;
}

/* --- ending it -------------------------------------------------------------------------------- */

/* EINTR leaves the descriptor closed on Linux, and what was written is on the disk by then. */
static bool close_file(cd_atomic_file *file)
{
    int fd = file->temporary.fd;
    file->temporary.fd = -1;
    return cd_file_calls_used->close(fd) == 0 || errno == EINTR || refused(file->target, errno);
}

/* A failed fsync says nothing about what reached the disk, and a second one would lie: never again.
 */
static bool sync_file(cd_atomic_file *file)
{
    return cd_file_calls_used->fsync(file->temporary.fd) == 0 || refused(file->target, errno);
}

/* Makes the rename last. Some file systems cannot sync folders (EINVAL): nothing to be done there.
 */
static bool sync_folder(cd_atomic_file *file)
{
    const char *folder = file->folder[0] ? file->folder : "/";
    int fd = open_again(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), error = 0;
    if (fd < 0 || (cd_file_calls_used->fsync(fd) != 0 && errno != EINVAL)) error = errno;
    if (fd >= 0) (void)cd_file_calls_used->close(fd);
    if (error == 0) return true;
    char label[CD_BYTES_LABEL];
    cd_bytes_label(label, file->target);
    return cd_fail(CD_ERR_IO,
                   "%s: the new file is there, but its folder could not be brought to the disk: "
                   "%s; a power failure now may bring the old one back",
                   label, strerror(error));
}

bool cd_atomic_file_commit(cd_atomic_file *file)
{
    bool right = flush(file) && sync_file(file) && close_file(file);
    if (right && cd_file_calls_used->rename(file->temporary.path, file->target) != 0) {
        right = refused(file->target, errno);
    }
    if (right) {
        cd_temporary_renamed(&file->temporary);
        right = sync_folder(file);
    }
    cd_atomic_file_abandon(file);
    return right;
}

void cd_atomic_file_abandon(cd_atomic_file *file)
{
    if (!file) return;
    if (file->temporary.fd >= 0) (void)cd_file_calls_used->close(file->temporary.fd);
    cd_temporary_remove(&file->temporary);
    cd_free(file);
}

bool cd_path_writable(const char *path)
{
    if (path && !cd_check_ending(path)) return false;
    cd_atomic_file *file = cd_atomic_file_open(path);
    cd_atomic_file_abandon(file);
    return file != NULL;
}
