/* Loaded into a program by LD_PRELOAD: refuses memory to the whole process, libraries included.
 *
 *     REFUSE=17    the 17th call since main began fails, and no other
 *     REFUSE=17+   so do all after it
 *     REFUSE_COUNT=PATH   the number of calls is written there at the end
 *
 * Calls are counted in one thread only if the program runs in one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the C library has under names of its own. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

#define SHOWN __attribute__((visibility("default")))

static bool counting, sticky;
static long refused = -1;
static atomic_long calls;

static bool refuse(void)
{
    if (!counting) return false;
    long call = atomic_fetch_add(&calls, 1);
    if (refused < 0 || !(sticky ? call >= refused : call == refused)) return false;
    errno = ENOMEM;
    return true;
}

SHOWN void *malloc(size_t size)
{
    return refuse() ? NULL : __libc_malloc(size);
}

SHOWN void *calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __libc_calloc(count, size);
}

SHOWN void *realloc(void *pointer, size_t size)
{
    return refuse() ? NULL : __libc_realloc(pointer, size);
}

SHOWN void *memalign(size_t alignment, size_t size)
{
    return refuse() ? NULL : __libc_memalign(alignment, size);
}

SHOWN void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

SHOWN int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *pointer = memalign(alignment, size);
    if (!pointer) return ENOMEM;
    *out = pointer;
    return 0;
}

static void write_count(void)
{
    const char *path = getenv("REFUSE_COUNT");
    char text[32];
    int size = snprintf(text, sizeof text, "%ld", atomic_load(&calls));
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0) return;
    if (write(fd, text, (size_t)size) != size) (void)unlink(path);
    (void)close(fd);
}

static int (*real_main)(int, char **, char **);

/* What happens before main (the dynamic loader, constructors of libraries) is not counted. */
static int counted_main(int argc, char **argv, char **environment)
{
    const char *asked = getenv("REFUSE");
    if (asked) {
        refused = strtol(asked, NULL, 10);
        sticky = strchr(asked, '+') != NULL;
    }
    counting = true;
    int status = real_main(argc, argv, environment);
    counting = false;
    write_count();
    return status;
}

typedef int start(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                  void (*)(void), void *);

SHOWN int __libc_start_main(int (*run)(int, char **, char **), int argc, char **argv,
                            void (*init)(void), void (*end)(void), void (*loader_end)(void),
                            void *stack_end)
{
    start *next;
    *(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = run;
    return next(counted_main, argc, argv, init, end, loader_end, stack_end);
}
