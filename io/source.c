/* The source of source_internal.h. */
#include "io/source_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/memory_internal.h"

enum {
    STREAM_FIRST = 1 << 16, /* the first capacity for a pipe; it doubles */
    READ_MAX = 1 << 30      /* bytes of one pread; Linux reads at most 2^31 - 4096 at once */
};

/* --- the system ------------------------------------------------------------------------------- */

static int system_open(const char *path, int flags)
{
    return open(path, flags);
}

static int system_fstat(int fd, struct stat *info)
{
    return fstat(fd, info);
}

const cd_read_calls cd_read_calls_system = {
    .open = system_open, .fstat = system_fstat, .pread = pread, .read = read, .close = close
};

const cd_read_calls *cd_read_calls_used = &cd_read_calls_system;

static bool io_error(const cd_source *source, const char *verb, int error)
{
    return cd_fail(CD_ERR_IO, "%s: cannot %s it: %s", source->label, verb, strerror(error));
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Reads `size` bytes; *got is less only at the end of the stream. */
static bool read_up_to(const cd_source *source, unsigned char *to, size_t size, size_t *got)
{
    size_t used = 0;
    while (used < size) {
        ssize_t n = cd_read_calls_used->read(source->fd, to + used, size - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error(source, "read", errno);
        if (n == 0) break;
        used += (size_t)n;
    }
    *got = used;
    return true;
}

/* Reads a pipe or a device to its end. */
static bool read_stream(cd_source *source)
{
    size_t capacity = STREAM_FIRST, used = 0;
    for (;;) {
        unsigned char *larger = cd_realloc(source->owned, capacity);
        if (!larger) return false;
        source->owned = larger;
        source->memory = larger;
        size_t got = 0;
        if (!read_up_to(source, larger + used, capacity - used, &got)) return false;
        used += got;
        source->size = used;
        if (used < capacity) return true;
        if (capacity >= CD_SOURCE_PIPE_MAX) {
            return cd_fail(
                CD_ERR_IO,
                "%s: more than %zu bytes come from what is not a regular file: save them "
                "to a file first",
                source->label, CD_SOURCE_PIPE_MAX);
        }
        capacity *= 2;
    }
}

/* Asks for the kind, size and time of the file; reads it whole when it is no regular file. */
static bool inspect(cd_source *source)
{
    struct stat info;
    if (cd_read_calls_used->fstat(source->fd, &info) != 0) {
        return io_error(source, "look at", errno);
    }
    if (S_ISDIR(info.st_mode)) return io_error(source, "read", EISDIR);
    bool regular = S_ISREG(info.st_mode) && info.st_size > 0; /* files in /proc have no size */
    if (!regular) {
        if (!read_stream(source)) return false;
        return source->size > 0 || cd_fail(CD_ERR_FORMAT, "%s: the file is empty", source->label);
    }
    if ((uintmax_t)info.st_size > SIZE_MAX / 2) return io_error(source, "read", EFBIG);
    source->size = (uint64_t)info.st_size;
    source->modified = info.st_mtim;
    return true;
}

static void close_file(cd_source *source)
{
    if (source->is_file) (void)cd_read_calls_used->close(source->fd); /* nothing was written */
    source->is_file = false;
}

bool cd_source_open(cd_source *source, const char *path)
{
    *source = (cd_source){ .size = 0 };
    if (!path) return cd_fail(CD_ERR_ARGUMENT, "open: the path is NULL");
    cd_bytes_label(source->label, path);
    do {
        source->fd = cd_read_calls_used->open(path, O_RDONLY | O_CLOEXEC);
    } while (source->fd < 0 && errno == EINTR);
    if (source->fd < 0) return io_error(source, "open", errno);
    source->is_file = true;
    if (!inspect(source)) {
        cd_source_close(source);
        return false;
    }
    if (source->memory) close_file(source);
    return true;
}

void cd_source_borrow(cd_source *source, const char *label, const void *data, size_t size)
{
    *source = (cd_source){ .memory = data, .size = size };
    if (!data) source->memory = (const unsigned char *)"";
    cd_bytes_label(source->label, label);
}

void cd_source_close(cd_source *source)
{
    close_file(source);
    cd_free(source->owned);
    source->owned = NULL;
    source->memory = NULL;
    source->size = 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_file(const cd_source *source, uint64_t offset, unsigned char *to, size_t size)
{
    while (size > 0) {
        size_t piece = size < READ_MAX ? size : READ_MAX;
        ssize_t n = cd_read_calls_used->pread(source->fd, to, piece, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error(source, "read", errno);
        if (n == 0) {
            return cd_fail(CD_ERR_IO,
                           "%s: it became shorter while it was read: it ends at or before byte "
                           "%llu and had %llu bytes",
                           source->label, (unsigned long long)offset,
                           (unsigned long long)source->size);
        }
        to += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return true;
}

static bool check_range(const cd_source *source, uint64_t offset, uint64_t size)
{
    if (offset <= source->size && size <= source->size - offset) return true;
    return cd_source_fail(source, CD_ERR_FORMAT, offset,
                          "%llu bytes are wanted from here, but the file has %llu in all",
                          (unsigned long long)size, (unsigned long long)source->size);
}

bool cd_source_read(const cd_source *source, uint64_t offset, void *to, size_t size)
{
    if (!check_range(source, offset, size)) return false;
    if (!source->memory) return read_file(source, offset, to, size);
    if (size) memcpy(to, source->memory + offset, size);
    return true;
}

bool cd_source_piece(const cd_source *source, uint64_t offset, uint64_t size, cd_budget *budget,
                     cd_bytes *out)
{
    cd_bytes_borrow(out, source->label, NULL, 0);
    out->base = offset;
    if (!check_range(source, offset, size)) return false;
    if (source->memory) {
        out->data = source->memory + offset;
    } else {
        if (!cd_budget_grow(budget, &out->owned, &out->charged, (size_t)size, 1)) return false;
        if (!cd_source_read(source, offset, out->owned, (size_t)size)) {
            cd_bytes_release(out, budget);
            return false;
        }
        out->data = out->owned ? out->owned : (const unsigned char *)"";
    }
    out->size = (size_t)size;
    return true;
}

bool cd_source_unchanged(const cd_source *source)
{
    if (!source->is_file) return true;
    struct stat now;
    if (cd_read_calls_used->fstat(source->fd, &now) != 0) {
        return io_error(source, "look at", errno);
    }
    if ((uint64_t)now.st_size == source->size && now.st_mtim.tv_sec == source->modified.tv_sec &&
        now.st_mtim.tv_nsec == source->modified.tv_nsec) {
        return true;
    }
    return cd_fail(CD_ERR_IO,
                   "%s: the file was changed after it had been opened (%llu bytes then, %lld now): "
                   "open it again once it is complete",
                   source->label, (unsigned long long)source->size, (long long)now.st_size);
}

bool cd_source_fail(const cd_source *source, cd_code code, uint64_t offset, const char *format, ...)
{
    char sentence[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return cd_fail(code, "%s: byte %llu: %s", source->label, (unsigned long long)offset, sentence);
}
