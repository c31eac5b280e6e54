/* The atomic files of atomic_file_internal.h. */
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

enum {
    BUFFER = 1 << 16,   /* bytes that are gathered before a write */
    LINKS_MAX = 40,     /* symbolic links that are followed, as Linux has it */
    WRITE_MAX = 1 << 30 /* bytes of one write; Linux writes at most 2^31 - 4096 at once */
};

struct cd_atomic_file {
    cd_temporary temporary;
    size_t buffered;       /* bytes in `buffer` */
    char target[PATH_MAX]; /* where the file goes, once links are followed */
    char folder[PATH_MAX]; /* the folder of the target: "" is the root, "." the working folder */
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
                                             .unlink = unlink,
                                             .link = link };

const cd_file_calls *cd_file_calls_used = &cd_file_calls_system;

static bool cannot_write(const char *path, int error)
{
    char label[CD_BYTES_LABEL];
    cd_bytes_label(label, path);
    return cd_fail(CD_ERR_IO, "%s: cannot write it: %s", label, strerror(error));
}

/* --- where the file goes ---------------------------------------------------------------------- */

/* The length of the folder in a path: 1 for "a/b", 0 for "/b" and for "b". */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

/* Replaces `path`, which is a symbolic link, by the link's target. A relative target starts at the
 * link's folder. */
static bool follow_link(char path[PATH_MAX])
{
    char link[PATH_MAX];
    ssize_t size = readlink(path, link, sizeof link - 1);
    if (size < 0) return cannot_write(path, errno);
    link[size] = '\0';
    size_t folder = link[0] == '/' || !strchr(path, '/') ? 0 : folder_length(path) + 1;
    if (folder + (size_t)size >= PATH_MAX) return cannot_write(path, ENAMETOOLONG);
    memcpy(path + folder, link, (size_t)size + 1);
    return true;
}

/* Follows links from `path` to a target. *exists says whether the target exists;
 * then *info is its stat. */
static bool find_target(char path[PATH_MAX], struct stat *info, bool *exists)
{
    for (int links = 0; links <= LINKS_MAX; links++) {
        *exists = lstat(path, info) == 0;
        if (!*exists && errno != ENOENT) return cannot_write(path, errno);
        if (!*exists || !S_ISLNK(info->st_mode)) return true;
        if (!follow_link(path)) return false;
    }
    return cannot_write(path, ELOOP);
}

/* Whether an existing target may be replaced. */
static bool check_target(const char *path, const struct stat *info)
{
    if (S_ISDIR(info->st_mode)) return cannot_write(path, EISDIR);
    if (!S_ISREG(info->st_mode)) {
        char label[CD_BYTES_LABEL];
        cd_bytes_label(label, path);
        return cd_fail(CD_ERR_IO,
                       "%s: cannot write it: it is a device, pipe or socket, and saving "
                       "would replace it by a file",
                       label);
    }
    if (access(path, W_OK) != 0) return cannot_write(path, errno);
    return true;
}

/* Sets file->target and file->folder. *replaces says whether the target exists; then
 * *mode is its permissions. */
static bool resolve_paths(cd_atomic_file *file, const char *path, mode_t *mode, bool *replaces)
{
    size_t length = strlen(path);
    if (length == 0) return cannot_write("\"\"", ENOENT);
    if (length >= PATH_MAX) return cannot_write(path, ENAMETOOLONG);
    memcpy(file->target, path, length + 1);
    struct stat info;
    if (!find_target(file->target, &info, replaces)) return false;
    if (*replaces && !check_target(file->target, &info)) return false;
    length = strlen(file->target);
    if (file->target[length - 1] == '/') return cannot_write(path, EISDIR);
    if (*replaces) *mode = info.st_mode & 0777;
    if (strchr(file->target, '/')) {
        memcpy(file->folder, file->target, folder_length(file->target));
    } else {
        memcpy(file->folder, ".", 2);
    }
    return true;
}

/* --- making it -------------------------------------------------------------------------------- */

/* open, again while a signal interrupts it. */
static int open_retrying(const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = cd_file_calls_used->open(path, flags, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

/* A file that replaces another is private until its mode is set to that of the other. */
static bool create_temporary(cd_atomic_file *file, const char *path, bool replaces)
{
    cd_temporary_clean(file->folder);
    int error = cd_temporary_create(&file->temporary, file->folder, replaces ? 0600 : 0666);
    return error == 0 || cannot_write(path, error);
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
    if (resolve_paths(file, path, &mode, &replaces) && create_temporary(file, path, replaces)) {
        if (!replaces || cd_file_calls_used->fchmod(file->temporary.fd, mode) == 0) return file;
        (void)cannot_write(path, errno);
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
        if (n <= 0) return cannot_write(file->target, n < 0 ? errno : EIO);
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

/* On Linux, a close that fails with EINTR has closed the descriptor, and after fsync the bytes are
 * on the disk, so EINTR is no failure. */
static bool close_file(cd_atomic_file *file)
{
    int fd = file->temporary.fd;
    file->temporary.fd = -1;
    return cd_file_calls_used->close(fd) == 0 || errno == EINTR ||
           cannot_write(file->target, errno);
}

/* After a failed fsync it is unknown which bytes reached the disk, and a second fsync may report
 * success without having written them. So there is no second try. */
static bool sync_file(cd_atomic_file *file)
{
    return cd_file_calls_used->fsync(file->temporary.fd) == 0 || cannot_write(file->target, errno);
}

/* Brings the rename to the disk. Some file systems cannot sync folders (EINVAL),
 * which is not an error. */
static bool sync_folder(cd_atomic_file *file)
{
    const char *folder = file->folder[0] ? file->folder : "/";
    int fd = open_retrying(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), error = 0;
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
    bool ok = flush(file) && sync_file(file) && close_file(file);
    if (ok && cd_file_calls_used->rename(file->temporary.path, file->target) != 0) {
        ok = cannot_write(file->target, errno);
    }
    if (ok) {
        cd_temporary_renamed(&file->temporary);
        ok = sync_folder(file);
    }
    cd_atomic_file_abandon(file);
    return ok;
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
    return (!path || cd_check_ending(path, "safetensors")) && cd_file_writable(path);
}

bool cd_file_writable(const char *path)
{
    cd_atomic_file *file = cd_atomic_file_open(path);
    cd_atomic_file_abandon(file);
    return file != NULL;
}

bool cd_write_file(const char *path, const void *bytes, size_t size)
{
    if (!cd_ok()) return false;
    if (!path || (!bytes && size > 0)) {
        return cd_fail(CD_ERR_ARGUMENT, "cd_write_file: the %s must not be NULL",
                       path ? "bytes" : "path");
    }
    cd_atomic_file *file = cd_atomic_file_open(path);
    if (!file) return false;
    if (cd_atomic_file_write(file, bytes, size)) return cd_atomic_file_commit(file);
    cd_atomic_file_abandon(file);
    return false;
}
