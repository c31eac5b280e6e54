/* The temporary files of temporary_file_internal.h. */
#include "io/temporary_file_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/atomic_file_internal.h"
#include "io/checkpoint.h"

/* --- the list of unfinished files ------------------------------------------------------------- */

/* What cd_remove_unfinished removes. The list is static because a signal handler reads it.
 * When it is full, a further file is not in it: if a signal ends the process then, the next
 * save removes that file. */
static struct {
    atomic_int state; /* FREE, TAKEN while the path is written, SET */
    pid_t owner; /* the process: a forked child has a copy of the list, with its parent's files */
    char path[PATH_MAX];
} unfinished[16];
enum { FREE, TAKEN, SET, UNFINISHED = sizeof unfinished / sizeof *unfinished };

/* The index in the list, or -1 when the list is full. */
static int register_file(const char *path)
{
    for (int i = 0; i < UNFINISHED; i++) {
        int state = FREE;
        if (!atomic_compare_exchange_strong(&unfinished[i].state, &state, TAKEN)) continue;
        memcpy(unfinished[i].path, path, strlen(path) + 1);
        unfinished[i].owner = getpid();
        atomic_store(&unfinished[i].state, SET);
        return i;
    }
    return -1;
}

static void unregister_file(cd_temporary *t)
{
    if (t->registered >= 0) atomic_store(&unfinished[t->registered].state, FREE);
    t->registered = -1;
}

void cd_remove_unfinished(void)
{
    int before = errno;
    for (int i = 0; i < UNFINISHED; i++) {
        if (atomic_load(&unfinished[i].state) == SET && unfinished[i].owner == getpid()) {
            (void)unlink(unfinished[i].path);
        }
    }
    errno = before;
}

/* --- making one ------------------------------------------------------------------------------- */

/* False when another process has the lock. On a file system without locks the result is true,
 * because no process can have a lock there. */
static bool lock(int fd)
{
    int result;
    do {
        result = cd_file_calls_used->flock(fd, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0 || errno != EWOULDBLOCK;
}

/* Whether another save has removed the file between its creation and its locking. */
static bool was_removed(const cd_temporary *t)
{
    struct stat info;
    return (fstat(t->fd, &info) == 0 && info.st_nlink == 0) ||
           (lstat(t->path, &info) != 0 && errno == ENOENT);
}

/* Creates and locks the file t->path. Returns 0, EEXIST when another name must be tried, or the
 * errno of what failed. */
static int try_name(cd_temporary *t, mode_t mode)
{
    do {
        t->fd = cd_file_calls_used->open(t->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    } while (t->fd < 0 && errno == EINTR);
    if (t->fd < 0) return errno;
    t->registered = register_file(t->path);
    int error = 0;
    if (!lock(t->fd) || was_removed(t)) {
        error = EEXIST;
    } else {
        t->lock = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);
        if (t->lock < 0) error = errno;
    }
    if (error != 0) {
        (void)cd_file_calls_used->unlink(t->path);
        (void)cd_file_calls_used->close(t->fd);
        t->fd = -1;
        unregister_file(t);
    }
    return error;
}

int cd_temporary_create(cd_temporary *t, const char *folder, mode_t mode)
{
    enum { NAMES_TRIED = 100 };
    static atomic_uint counter;
    t->fd = t->lock = t->registered = -1;
    int error = EEXIST;
    for (int i = 0; i < NAMES_TRIED && error == EEXIST; i++) {
        int size = snprintf(t->path, sizeof t->path, "%s/.candela-%ld-%u.tmp", folder,
                            (long)getpid(), atomic_fetch_add(&counter, 1));
        if (size < 0 || (size_t)size >= sizeof t->path) return ENAMETOOLONG;
        error = try_name(t, mode);
    }
    return error;
}

static void unlock(cd_temporary *t)
{
    unregister_file(t);
    (void)close(t->lock); /* nothing was written through this descriptor */
    t->lock = -1;
}

void cd_temporary_renamed(cd_temporary *t)
{
    unlock(t);
}

void cd_temporary_remove(cd_temporary *t)
{
    if (t->lock < 0) return;
    (void)cd_file_calls_used->unlink(t->path);
    unlock(t);
}

/* --- cleaning up ------------------------------------------------------------------------------ */

/* What follows the number at `at`, written as printf writes it, without leading zeros; NULL when
 * there is none. */
static const char *after_number(const char *at)
{
    size_t digits = strspn(at, "0123456789");
    return digits == 0 || (digits > 1 && *at == '0') ? NULL : at + digits;
}

/* Whether the name is ".candela-PID-N.tmp". */
static bool is_ours_by_name(const char *name)
{
    static const char start[] = ".candela-";
    if (strncmp(name, start, sizeof start - 1) != 0) return false;
    const char *at = after_number(name + sizeof start - 1);
    if (!at || *at != '-') return false;
    at = after_number(at + 1);
    return at && strcmp(at, ".tmp") == 0;
}

/* Whether it is a regular file of this user. */
static bool is_ours(int folder, const char *name, struct stat *info)
{
    return fstatat(folder, name, info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info->st_mode) &&
           info->st_uid == geteuid();
}

/* Removes the file if its lock can be taken. The name is looked up again once the lock is taken,
 * and must still belong to the locked file. Only the process that has the lock removes a file; a
 * writer that finds its new file locked takes another name. */
static void clean_one(int folder, const char *name)
{
    struct stat named, locked;
    if (!is_ours(folder, name, &named)) return;
    int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &locked) == 0 &&
        is_ours(folder, name, &named) && named.st_dev == locked.st_dev &&
        named.st_ino == locked.st_ino) {
        (void)unlinkat(folder, name, 0);
    }
    (void)close(fd);
}

void cd_temporary_clean(const char *folder)
{
    DIR *entries = opendir(folder[0] ? folder : "/");
    if (!entries) return;
    for (struct dirent *e; (e = readdir(entries));) {
        if (is_ours_by_name(e->d_name)) clean_one(dirfd(entries), e->d_name);
    }
    (void)closedir(entries);
}
