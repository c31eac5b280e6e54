/* For tests of what happens to a file while it is read: system calls that fail, that read fewer
 * bytes than were asked for, or before which another process has changed the file. */
#ifndef CANDELA_TESTS_READ_CALLS_H
#define CANDELA_TESTS_READ_CALLS_H

#include "hostile.h"

#include <errno.h>
#include <fcntl.h>

#include "io/source_internal.h"

static int calls_made;       /* calls of all functions except close */
static int failing_call;     /* the number of the call that fails with EIO; -1: none */
static int reads_made;       /* calls of pread and read */
static int changing_read;    /* `change` is called before the pread of this number; -1: never */
static void (*change)(void); /* what another process does to the file */
static size_t read_max;      /* bytes that one read gives at most; 0: any number */
static int interrupts;       /* how many of the next calls fail with EINTR */
static int descriptors;      /* the number of open files */

static inline bool call_fails(void)
{
    if (interrupts > 0) {
        interrupts--;
        errno = EINTR;
        return true;
    }
    errno = EIO;
    return calls_made++ == failing_call;
}

static inline int faulty_open(const char *path, int flags)
{
    if (call_fails()) return -1;
    int fd = open(path, flags);
    descriptors += fd >= 0;
    return fd;
}

static inline int faulty_fstat(int fd, struct stat *info)
{
    int left = interrupts;
    interrupts = 0; /* fstat is never interrupted */
    bool fails = call_fails();
    interrupts = left;
    return fails ? -1 : fstat(fd, info);
}

static inline ssize_t faulty_pread(int fd, void *to, size_t size, off_t at)
{
    if (call_fails()) return -1;
    if (reads_made++ == changing_read) change();
    return pread(fd, to, read_max && size > read_max ? read_max : size, at);
}

static inline ssize_t faulty_read(int fd, void *to, size_t size)
{
    if (call_fails()) return -1;
    return read(fd, to, read_max && size > read_max ? read_max : size);
}

static inline int faulty_close(int fd)
{
    descriptors--;
    (void)close(fd); /* a close that fails has closed all the same */
    errno = EIO;
    return -1;
}

static const cd_read_calls faulty_calls = { .open = faulty_open,
                                            .fstat = faulty_fstat,
                                            .pread = faulty_pread,
                                            .read = faulty_read,
                                            .close = faulty_close };

/* From here on the library reads through the calls above. They work as usual until a test sets the
 * variables. */
static inline void use_faulty_calls(void)
{
    calls_made = reads_made = interrupts = 0;
    failing_call = changing_read = -1;
    read_max = 0;
    cd_read_calls_used = &faulty_calls;
}

/* From here on the library reads through the system's calls. Checks that all files were closed. */
static inline void use_system_calls(void)
{
    cd_read_calls_used = &cd_read_calls_system;
    assert_int_equal(descriptors, 0);
}

/* Calls `run` while system call number k fails, for k = 0, 1, ... until `run` succeeds. Before that
 * it must return false with CD_ERR_IO, and leave no memory and no open file. Returns the number of
 * system calls. */
static inline int sweep_calls(bool (*run)(void *), void *user)
{
    bool done = false;
    int k = 0;
    for (; !done; k++) {
        assert_that(k < 10000, "after 10000 calls it still fails");
        int64_t blocks = cd_memory_stats().blocks_in_use;
        use_faulty_calls();
        failing_call = k;
        done = run(user);
        use_system_calls();
        if (!done) assert_failed_with(CD_ERR_IO, "Input/output error");
        assert_int_equal(cd_memory_stats().blocks_in_use, blocks);
    }
    assert_ok();
    return k - 1;
}

/* --- what other processes do ------------------------------------------------------------------ */

/* Overwrites bytes of the file, from offset `at` on. */
static inline void overwrite(const char *path, long at, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, at), size);
    assert_int_equal(close(fd), 0);
}

/* Sets the file's times to an hour ago. Then a change made now gives other times, however coarse
 * the clock of the file system is. */
static inline void make_old(const char *path)
{
    struct timespec times[2];
    (void)clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= 3600;
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

#endif
