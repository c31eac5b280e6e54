/* Loaded into a program by LD_PRELOAD: lets one call of the system fail, in the whole process.
 *
 *     REFUSE=KIND:K:HOW    only call number K (from 0) of that kind fails
 *     REFUSE=KIND:K:HOW+   call number K and all later calls of that kind fail
 *
 * KIND is one of `kinds` below. HOW is the number of the errno that the call fails with, or "short"
 * for a read or write that succeeds with half of the bytes. With REFUSE_REPORT=PATH a file is
 * written when main returns, with a line for each kind: its name, the number of calls, and how many
 * of them were refused.
 *
 * Calls before main (by the dynamic loader, by constructors of libraries) are not counted. Calls of
 * a kind have the same numbers in every run only if one thread makes them all.
 *
 * The calls that the C library makes itself, in stdio and opendir, do not pass through here, so
 * fopen, fread, opendir and so on are refused instead. Memory is the exception: the C library, zlib
 * and libjpeg call the malloc that is defined here. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The C library's own allocator, under its second names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* --- counting and refusing -------------------------------------------------------------------- */

typedef enum kind {
    MEMORY,        /* malloc, calloc, realloc, memalign and so on */
    READ,          /* read, pread */
    FREAD,         /* fread */
    WRITE,         /* write */
    STDOUT,        /* functions of stdio that may write to standard output: fprintf, fflush */
    OPEN,          /* open, openat */
    FOPEN,         /* fopen */
    OPENDIR,       /* opendir */
    READDIR,       /* readdir */
    CLOSEDIR,      /* closedir */
    CLOSE,         /* close of a descriptor that was not written to */
    CLOSE_WRITTEN, /* close of a descriptor that was written to */
    STAT,          /* stat, lstat, fstat, fstatat */
    ACCESS,        /* access */
    READLINK,      /* readlink */
    FSYNC,         /* fsync */
    FCHMOD,        /* fchmod */
    RENAME,        /* rename */
    UNLINK,        /* unlink, unlinkat */
    FLOCK,         /* flock */
    FCNTL,         /* fcntl */
    MADVISE,       /* madvise */
    THREAD,        /* pthread_create */
    THREAD_ATTR,   /* pthread_attr_init */
    THREAD_KEY,    /* pthread_key_create */
    AFFINITY,      /* sched_getaffinity */
    KINDS
} kind;

static const char *const kinds[KINDS] = {
    [MEMORY] = "memory",
    [READ] = "read",
    [FREAD] = "fread",
    [WRITE] = "write",
    [STDOUT] = "stdout",
    [OPEN] = "open",
    [FOPEN] = "fopen",
    [OPENDIR] = "opendir",
    [READDIR] = "readdir",
    [CLOSEDIR] = "closedir",
    [CLOSE] = "close",
    [CLOSE_WRITTEN] = "close_written",
    [STAT] = "stat",
    [ACCESS] = "access",
    [READLINK] = "readlink",
    [FSYNC] = "fsync",
    [FCHMOD] = "fchmod",
    [RENAME] = "rename",
    [UNLINK] = "unlink",
    [FLOCK] = "flock",
    [FCNTL] = "fcntl",
    [MADVISE] = "madvise",
    [THREAD] = "thread",
    [THREAD_ATTR] = "thread_attr",
    [THREAD_KEY] = "thread_key",
    [AFFINITY] = "affinity",
};

enum { SHORT = -1 };

static bool counting; /* calls are counted, and may be refused */
static struct {
    kind kind; /* KINDS: nothing is refused */
    long call;
    int how; /* an errno, or SHORT */
    bool sticky;
} request = { .kind = KINDS };
static atomic_long calls[KINDS], refusals[KINDS];

/* Counts a call; true, with errno set, where it is to be refused. */
static bool refuse(kind k)
{
    if (!counting) return false;
    long call = atomic_fetch_add(&calls[k], 1);
    if (k != request.kind || (request.sticky ? call < request.call : call != request.call))
        return false;
    atomic_fetch_add(&refusals[k], 1);
    if (request.how != SHORT) errno = request.how;
    return true;
}

/* Declares `next`, the function of the same name that is replaced here. */
#define NEXT(type_, name_)                                                                         \
    static type_ *next;                                                                            \
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, name_)

/* --- memory ----------------------------------------------------------------------------------- */

void *malloc(size_t size)
{
    return refuse(MEMORY) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuse(MEMORY) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size)
{
    return refuse(MEMORY) ? NULL : __libc_realloc(pointer, size);
}

void *memalign(size_t alignment, size_t size)
{
    return refuse(MEMORY) ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *pointer = memalign(alignment, size);
    if (!pointer) return ENOMEM;
    *out = pointer;
    return 0;
}

/* --- descriptors ------------------------------------------------------------------------------ */

enum { DESCRIPTORS = 1024 };
static bool written[DESCRIPTORS]; /* to which of the descriptors write has been called */

/* How many of `size` bytes a call reads or writes: all; half where it must be short; 0 where it
 * must fail. */
static size_t allowed(kind k, size_t size)
{
    if (!refuse(k)) return size;
    return request.how != SHORT ? 0 : size > 1 ? size / 2 : size;
}

ssize_t read(int fd, void *to, size_t size)
{
    typedef ssize_t function(int, void *, size_t);
    NEXT(function, "read");
    size_t part = allowed(READ, size);
    return part == 0 && size > 0 ? -1 : next(fd, to, part);
}

ssize_t pread(int fd, void *to, size_t size, off_t at)
{
    typedef ssize_t function(int, void *, size_t, off_t);
    NEXT(function, "pread");
    size_t part = allowed(READ, size);
    return part == 0 && size > 0 ? -1 : next(fd, to, part, at);
}

ssize_t write(int fd, const void *from, size_t size)
{
    typedef ssize_t function(int, const void *, size_t);
    NEXT(function, "write");
    if (fd >= 0 && fd < DESCRIPTORS) written[fd] = true;
    size_t part = allowed(WRITE, size);
    return part == 0 && size > 0 ? -1 : next(fd, from, part);
}

static mode_t mode_after(int flags, va_list arguments)
{
    return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    typedef int function(const char *, int, ...);
    NEXT(function, "open");
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_after(flags, arguments);
    va_end(arguments);
    return refuse(OPEN) ? -1 : next(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    typedef int function(int, const char *, int, ...);
    NEXT(function, "openat");
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_after(flags, arguments);
    va_end(arguments);
    return refuse(OPEN) ? -1 : next(folder, path, flags, mode);
}

/* Closes the descriptor even where the call fails, as Linux does. */
int close(int fd)
{
    typedef int function(int);
    NEXT(function, "close");
    bool was_written = fd >= 0 && fd < DESCRIPTORS && written[fd];
    if (was_written) written[fd] = false;
    bool refused = refuse(was_written ? CLOSE_WRITTEN : CLOSE);
    int result = next(fd);
    if (refused) errno = request.how;
    return refused ? -1 : result;
}

int fsync(int fd)
{
    typedef int function(int);
    NEXT(function, "fsync");
    return refuse(FSYNC) ? -1 : next(fd);
}

int fchmod(int fd, mode_t mode)
{
    typedef int function(int, mode_t);
    NEXT(function, "fchmod");
    return refuse(FCHMOD) ? -1 : next(fd, mode);
}

int flock(int fd, int operation)
{
    typedef int function(int, int);
    NEXT(function, "flock");
    return refuse(FLOCK) ? -1 : next(fd, operation);
}

int fcntl(int fd, int command, ...)
{
    typedef int function(int, int, ...);
    NEXT(function, "fcntl");
    va_list arguments;
    va_start(arguments, command);
    void *argument =
        va_arg(arguments, void *); /* a pointer or an int: the C library reads it so too */
    va_end(arguments);
    return refuse(FCNTL) ? -1 : next(fd, command, argument);
}

/* --- paths ------------------------------------------------------------------------------------ */

int stat(const char *path, struct stat *info)
{
    typedef int function(const char *, struct stat *);
    NEXT(function, "stat");
    return refuse(STAT) ? -1 : next(path, info);
}

int lstat(const char *path, struct stat *info)
{
    typedef int function(const char *, struct stat *);
    NEXT(function, "lstat");
    return refuse(STAT) ? -1 : next(path, info);
}

int fstat(int fd, struct stat *info)
{
    typedef int function(int, struct stat *);
    NEXT(function, "fstat");
    return refuse(STAT) ? -1 : next(fd, info);
}

int fstatat(int folder, const char *path, struct stat *info, int flags)
{
    typedef int function(int, const char *, struct stat *, int);
    NEXT(function, "fstatat");
    return refuse(STAT) ? -1 : next(folder, path, info, flags);
}

int access(const char *path, int wish)
{
    typedef int function(const char *, int);
    NEXT(function, "access");
    return refuse(ACCESS) ? -1 : next(path, wish);
}

ssize_t readlink(const char *path, char *to, size_t size)
{
    typedef ssize_t function(const char *, char *, size_t);
    NEXT(function, "readlink");
    return refuse(READLINK) ? -1 : next(path, to, size);
}

int rename(const char *from, const char *to)
{
    typedef int function(const char *, const char *);
    NEXT(function, "rename");
    return refuse(RENAME) ? -1 : next(from, to);
}

int unlink(const char *path)
{
    typedef int function(const char *);
    NEXT(function, "unlink");
    return refuse(UNLINK) ? -1 : next(path);
}

int unlinkat(int folder, const char *path, int flags)
{
    typedef int function(int, const char *, int);
    NEXT(function, "unlinkat");
    return refuse(UNLINK) ? -1 : next(folder, path, flags);
}

/* --- folders ---------------------------------------------------------------------------------- */

DIR *opendir(const char *path)
{
    typedef DIR *function(const char *);
    NEXT(function, "opendir");
    return refuse(OPENDIR) ? NULL : next(path);
}

struct dirent *readdir(DIR *folder)
{
    typedef struct dirent *function(DIR *);
    NEXT(function, "readdir");
    return refuse(READDIR) ? NULL : next(folder);
}

int closedir(DIR *folder)
{
    typedef int function(DIR *);
    NEXT(function, "closedir");
    bool refused = refuse(CLOSEDIR);
    int result = next(folder);
    if (refused) errno = request.how;
    return refused ? -1 : result;
}

/* --- stdio ------------------------------------------------------------------------------------ */

FILE *fopen(const char *path, const char *mode)
{
    typedef FILE *function(const char *, const char *);
    NEXT(function, "fopen");
    return refuse(FOPEN) ? NULL : next(path, mode);
}

/* Redirects a stream's descriptor during one call, to a file that gives a real error where the call
 * reads or writes: reading /proc/self/mem at its beginning is EIO, writing to /dev/full ENOSPC. */
typedef struct detour {
    int fd;
    int original; /* a copy of the descriptor before; -1: it is not redirected */
    bool counted; /* the value of `counting` before */
} detour;

static detour detour_begin(kind k, FILE *stream, const char *to, int flags)
{
    detour d = { .original = -1, .counted = counting };
    if (!refuse(k)) return d;
    counting = false;
    d.fd = fileno(stream);
    d.original = dup(d.fd);
    int other = open(to, flags);
    (void)dup2(other, d.fd);
    (void)close(other);
    counting = d.counted;
    return d;
}

static void detour_end(detour d)
{
    if (d.original < 0) return;
    int before = errno;
    counting = false;
    (void)dup2(d.original, d.fd);
    (void)close(d.original);
    counting = d.counted;
    errno = before;
}

size_t fread(void *to, size_t size, size_t count, FILE *stream)
{
    typedef size_t function(void *, size_t, size_t, FILE *);
    NEXT(function, "fread");
    detour d = detour_begin(FREAD, stream, "/proc/self/mem", O_RDONLY);
    size_t result = next(to, size, count, stream);
    detour_end(d);
    return result;
}

static detour writing(FILE *stream)
{
    if (stream != stdout) return (detour){ .original = -1 };
    return detour_begin(STDOUT, stream, "/dev/full", O_WRONLY);
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *stream)
{
    typedef size_t function(const void *, size_t, size_t, FILE *);
    NEXT(function, "fwrite");
    detour d = writing(stream);
    size_t result = next(from, size, count, stream);
    detour_end(d);
    return result;
}

int fputs(const char *text, FILE *stream)
{
    typedef int function(const char *, FILE *);
    NEXT(function, "fputs");
    detour d = writing(stream);
    int result = next(text, stream);
    detour_end(d);
    return result;
}

int fputc(int c, FILE *stream)
{
    typedef int function(int, FILE *);
    NEXT(function, "fputc");
    detour d = writing(stream);
    int result = next(c, stream);
    detour_end(d);
    return result;
}

#undef putc
int putc(int c, FILE *stream)
{
    return fputc(c, stream);
}

#undef putchar
int putchar(int c)
{
    return fputc(c, stdout);
}

int puts(const char *text)
{
    return fputs(text, stdout) < 0 ? EOF : fputc('\n', stdout);
}

int fprintf(FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    detour d = writing(stream);
    int result = vfprintf(stream, format, arguments);
    detour_end(d);
    va_end(arguments);
    return result;
}

int fflush(FILE *stream)
{
    typedef int function(FILE *);
    NEXT(function, "fflush");
    detour d = writing(stream);
    int result = next(stream);
    detour_end(d);
    return result;
}

/* --- madvise, threads ------------------------------------------------------------------------- */

int madvise(void *from, size_t size, int advice)
{
    typedef int function(void *, size_t, int);
    NEXT(function, "madvise");
    return refuse(MADVISE) ? -1 : next(from, size, advice);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
    typedef int function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    NEXT(function, "pthread_create");
    return refuse(THREAD) ? request.how : next(thread, attributes, run, argument);
}

int pthread_attr_init(pthread_attr_t *attributes)
{
    typedef int function(pthread_attr_t *);
    NEXT(function, "pthread_attr_init");
    return refuse(THREAD_ATTR) ? request.how : next(attributes);
}

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *))
{
    typedef int function(pthread_key_t *, void (*)(void *));
    NEXT(function, "pthread_key_create");
    return refuse(THREAD_KEY) ? request.how : next(key, destroy);
}

int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set)
{
    typedef int function(pid_t, size_t, cpu_set_t *);
    NEXT(function, "sched_getaffinity");
    return refuse(AFFINITY) ? -1 : next(process, size, set);
}

/* --- main ------------------------------------------------------------------------------------- */

static void write_report(void)
{
    const char *path = getenv("REFUSE_REPORT");
    FILE *report = path ? fopen(path, "w") : NULL;
    if (!report) return;
    for (int k = 0; k < KINDS; k++) {
        fprintf(report, "%s %ld %ld\n", kinds[k], atomic_load(&calls[k]),
                atomic_load(&refusals[k]));
    }
    if (fclose(report) != 0) (void)unlink(path);
}

/* Reads REFUSE. A text that is wrong refuses nothing, which the report shows. */
static void read_request(const char *text)
{
    size_t length = strcspn(text, ":");
    for (int k = 0; k < KINDS; k++) {
        if (strlen(kinds[k]) != length || strncmp(kinds[k], text, length) != 0) continue;
        char *end;
        request.call = strtol(text + length + 1, &end, 10);
        if (*end != ':') return;
        request.how = strncmp(end + 1, "short", 5) == 0 ? SHORT : (int)strtol(end + 1, NULL, 10);
        request.sticky = strchr(end, '+') != NULL;
        request.kind = (kind)k;
    }
}

static int (*real_main)(int, char **, char **);

static int counted_main(int argc, char **argv, char **environment)
{
    const char *text = getenv("REFUSE");
    if (text) read_request(text);
    counting = true;
    int status = real_main(argc, argv, environment);
    counting = false;
    write_report();
    return status;
}

typedef int start(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                  void (*)(void), void *);

int __libc_start_main(int (*run)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*end)(void), void (*loader_end)(void), void *stack_end)
{
    NEXT(start, "__libc_start_main");
    real_main = run;
    return next(counted_main, argc, argv, init, end, loader_end, stack_end);
}
