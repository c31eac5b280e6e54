/* What all fuzz targets share: see fuzz.h. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"

_Noreturn void fuzz_broken(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: this does not hold: %s\n%s\n", file, line, condition,
            cd_error_message());
    abort();
}

/* --- memory ----------------------------------------------------------------------------------- */

/* The allocator of the targets. It fills each block with a different byte, so that code which reads
 * memory before it has written it gives different results for the same input. */
static void *allocate(size_t bytes, void *user)
{
    static unsigned char fill;
    enum { FILLED = 1 << 16 };
    void *pointer = NULL;
    (void)user;
    if (posix_memalign(&pointer, 64, bytes) != 0) return NULL;
    memset(pointer, fill += 89, bytes < FILLED ? bytes : FILLED);
    return pointer;
}

static void release(void *pointer, size_t bytes, void *user)
{
    (void)bytes;
    (void)user;
    free(pointer);
}

/* What was in use when fuzz_begin was called. */
static struct {
    int64_t blocks, objects;
    int descriptor; /* the lowest free file descriptor */
} before;

static int free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) (void)close(fd);
    return fd;
}

void fuzz_begin(size_t memory)
{
    static const cd_allocator filling = { .allocate = allocate, .release = release };
    static bool begun;
    if (!begun) FUZZ_CHECK(cd_set_allocator(&filling));
    begun = true;
    cd_memory_limit(memory);
    cd_memory_info now = cd_memory_stats();
    before.blocks = now.blocks_in_use;
    before.objects = now.objects;
    before.descriptor = free_descriptor();
}

void fuzz_end(void)
{
    cd_clear_error();
    cd_memory_info now = cd_memory_stats();
    FUZZ_CHECK(now.blocks_in_use == before.blocks);
    FUZZ_CHECK(now.objects == before.objects);
    FUZZ_CHECK(free_descriptor() == before.descriptor);
}

int fuzz_refused(void)
{
    cd_error error;
    FUZZ_CHECK(cd_error_take(&error));
    FUZZ_CHECK(error.message[0]);
    FUZZ_CHECK(cd_utf8_valid(error.message, strlen(error.message)));
    for (const char *c = error.message; *c; c++) FUZZ_CHECK((unsigned char)*c >= ' ');
    return (int)error.code;
}

/* --- the bytes of an input -------------------------------------------------------------------- */

fuzz_input fuzz_take(fuzz_input *in, size_t size)
{
    fuzz_input taken = { in->data, size < in->size ? size : in->size };
    in->size -= taken.size;
    if (taken.size > 0) in->data += taken.size;
    return taken;
}

unsigned fuzz_u8(fuzz_input *in)
{
    fuzz_input byte = fuzz_take(in, 1);
    return byte.size > 0 ? *byte.data : 0;
}

unsigned fuzz_u16(fuzz_input *in)
{
    unsigned low = fuzz_u8(in);
    return low | fuzz_u8(in) << 8;
}

fuzz_input fuzz_word(fuzz_input *in)
{
    const uint8_t *end = in->size > 0 ? memchr(in->data, 0, in->size) : NULL;
    fuzz_input word = fuzz_take(in, end ? (size_t)(end - in->data) : in->size);
    (void)fuzz_take(in, 1);
    return word;
}

void fuzz_put(fuzz_bytes *out, const void *bytes, size_t size)
{
    if (out->size + size > out->room) {
        out->room = 2 * (out->size + size) + 64;
        out->data = realloc(out->data, out->room);
        if (!out->data) exit(1); /* the machine is out of memory, which is no finding */
    }
    if (size > 0) memcpy(out->data + out->size, bytes, size);
    out->size += size;
}

void fuzz_put_le(fuzz_bytes *out, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(number >> 8 * i);
        fuzz_put(out, &byte, 1);
    }
}

void fuzz_put_be(fuzz_bytes *out, uint64_t number, int size)
{
    for (int i = size - 1; i >= 0; i--) fuzz_put_le(out, number >> 8 * i, 1);
}

bool fuzz_same(const fuzz_bytes *a, const fuzz_bytes *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* --- files ------------------------------------------------------------------------------------ */

static char folder[FUZZ_PATH_BYTES / 2];

/* Calls `each`, unless it is NULL, for every file in the folder. Returns the number of files. */
static int for_files(int (*each)(const char *path))
{
    int count = 0;
    DIR *list = opendir(folder);
    for (struct dirent *e; list && (e = readdir(list));) {
        char path[FUZZ_PATH_BYTES];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        if (each) (void)each(fuzz_path(e->d_name, path));
        count++;
    }
    if (list) (void)closedir(list);
    return count;
}

static void remove_folder(void)
{
    (void)for_files(unlink);
    (void)rmdir(folder);
}

const char *fuzz_folder(void)
{
    if (*folder) return folder;
    const char *in = getenv("TMPDIR");
    if (!in || !*in) in = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    int n = snprintf(folder, sizeof folder, "%s/candela-fuzz-XXXXXX", in);
    if (n >= (int)sizeof folder || !mkdtemp(folder) || atexit(remove_folder) != 0) {
        fprintf(stderr, "fuzz: no folder can be made in %s\n", in);
        exit(1);
    }
    return folder;
}

const char *fuzz_path(const char *name, char path[FUZZ_PATH_BYTES])
{
    (void)snprintf(path, FUZZ_PATH_BYTES, "%s/%s", fuzz_folder(), name);
    return path;
}

void fuzz_write(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_CHECK(fd >= 0);
    if (size > 0) FUZZ_CHECK(write(fd, bytes, size) == (ssize_t)size);
    (void)close(fd);
}

fuzz_bytes fuzz_read(const char *path)
{
    fuzz_bytes all = { .size = 0 };
    char piece[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    FUZZ_CHECK(fd >= 0);
    for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;) fuzz_put(&all, piece, (size_t)n);
    (void)close(fd);
    return all;
}

void fuzz_remove_files(void)
{
    (void)fuzz_folder();
    (void)for_files(unlink);
}

int fuzz_files(void)
{
    (void)fuzz_folder();
    return for_files(NULL);
}
