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

/* --- those that there are --------------------------------------------------------------------- */

/* Static, because a signal handler reads it. A file for which no place is free is not listed:
 * should a signal end the process, the next save removes it. */
static struct {
    atomic_int state; /* FREE, TAKEN while the path is written, SET */
    pid_t owner;      /* a forked child has the list too, and must let its parent's files alone */
    char path[PATH_MAX];
} unfinished[16];
enum { FREE, TAKEN, SET, UNFINISHED = sizeof unfinished / sizeof *unfinished };

static int list(const char *path)
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

static void strike_off(cd_temporary *t)
{
    if (t->listed >= 0) atomic_store(&unfinished[t->listed].state, FREE);
    t->listed = -1;
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

/* False when another process has the lock. A file system without locks counts as locked: nobody can
 * have it there. */
static bool lock(int fd)
{
    int result;
    do {
        result = cd_file_calls_used->flock(fd, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    return result == 0 || errno != EWOULDBLOCK;
}

/* Whether somebody who cleans up found the file between its making and its locking. */
static bool is_gone(const cd_temporary *t)
{
    struct stat info;
    return (fstat(t->fd, &info) == 0 && info.st_nlink == 0) ||
           (lstat(t->path, &info) != 0 && errno == ENOENT);
}

/* 0; EEXIST when another name must be tried; or what failed. */
static int try_name(cd_temporary *t, mode_t mode)
{
    do {
        t->fd = cd_file_calls_used->open(t->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    } while (t->fd < 0 && errno == EINTR);
    if (t->fd < 0) return errno;
    t->listed = list(t->path);
    int error = 0;
    if (!lock(t->fd) || is_gone(t)) {
        error = EEXIST;
    } else {
        t->lock = fcntl(t->fd, F_DUPFD_CLOEXEC, 0);
        if (t->lock < 0) error = errno;
    }
    if (error != 0) {
        (void)cd_file_calls_used->unlink(t->path);
        (void)cd_file_calls_used->close(t->fd);
        t->fd = -1;
        strike_off(t);
    }
    return error;
}

int cd_temporary_create(cd_temporary *t, const char *folder, mode_t mode)
{
    enum { NAMES_TRIED = 100 };
    static atomic_uint counter;
    t->fd = t->lock = t->listed = -1;
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
    strike_off(t);
    (void)close(t->lock); /* nothing was written by this one */
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

/* What follows a number as printf writes one; NULL: there is none. */
static const char *after_number(const char *at)
{
    size_t digits = strspn(at, "0123456789");
    return digits == 0 || (digits > 1 && *at == '0') ? NULL : at + digits;
}

static bool is_ours_by_name(const char *name)
{
    static const char start[] = ".candela-";
    if (strncmp(name, start, sizeof start - 1) != 0) return false;
    const char *at = after_number(name + sizeof start - 1);
    if (!at || *at != '-') return false;
    at = after_number(at + 1);
    return at && strcmp(at, ".tmp") == 0;
}

static bool is_ours(int folder, const char *name, struct stat *info)
{
    return fstatat(folder, name, info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info->st_mode) &&
           info->st_uid == geteuid();
}

/* The name must still be that of the file that was locked: whoever holds the lock is the only one
 * to remove it, and its maker, who finds it locked, takes another name. */
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
