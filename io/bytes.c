#include "io/bytes_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory_internal.h"

/* Files up to this size are read: that costs less than a mapping. */
enum { READ_WHOLE = 1 << 18 };

/* --- opening ---------------------------------------------------------------------------------- */

static void set_label(cd_bytes *bytes, const char *path)
{
    size_t length = strlen(path);
    if (length < sizeof bytes->label) {
        memcpy(bytes->label, path, length + 1);
    } else {
        const char *end = path + length - (sizeof bytes->label - 4);
        (void)snprintf(bytes->label, sizeof bytes->label, "...%s", end);
    }
}

static bool io_error(const cd_bytes *bytes, const char *verb, int error)
{
    return cd_fail(CD_ERR_IO, "%s: cannot %s it: %s", bytes->label, verb, strerror(error));
}

/* Up to `size` bytes, fewer only at the end of the file. */
static bool read_up_to(const cd_bytes *bytes, int fd, unsigned char *to, size_t size, size_t *got)
{
    size_t used = 0;
    while (used < size) {
        ssize_t n = read(fd, to + used, size - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error(bytes, "read", errno);
        if (n == 0) break;
        used += (size_t)n;
    }
    *got = used;
    return true;
}

static bool read_regular(cd_bytes *bytes, int fd, size_t size)
{
    unsigned char *data = cd_alloc(size);
    if (!data) return false;
    bytes->owned = data;
    bytes->data = data;
    return read_up_to(bytes, fd, data, size, &bytes->size);
}

static bool read_stream(cd_bytes *bytes, int fd)
{
    size_t capacity = 1 << 16;
    for (;;) {
        unsigned char *larger = cd_realloc(bytes->owned, capacity);
        if (!larger) return false;
        bytes->owned = larger;
        bytes->data = larger;
        size_t got = 0;
        if (!read_up_to(bytes, fd, larger + bytes->size, capacity - bytes->size, &got))
            return false;
        bytes->size += got;
        if (bytes->size < capacity) return true;
        if (capacity >= CD_BYTES_PIPE_MAX) {
            return cd_fail(
                CD_ERR_IO,
                "%s: more than %zu bytes come from what is not a regular file: save them "
                "to a file first",
                bytes->label, CD_BYTES_PIPE_MAX);
        }
        capacity *= 2;
    }
}

static bool map_regular(cd_bytes *bytes, int fd, size_t size)
{
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) return io_error(bytes, "map", errno);
    bytes->owned = data;
    bytes->data = data;
    bytes->size = size;
    bytes->mapped = true;
    return true;
}

static bool fill(cd_bytes *bytes, int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0) return io_error(bytes, "look at", errno);
    if (S_ISDIR(info.st_mode)) return io_error(bytes, "read", EISDIR);
    bool right;
    if (!S_ISREG(info.st_mode) || info.st_size == 0) { /* files in /proc have no size */
        right = read_stream(bytes, fd);
    } else if ((uintmax_t)info.st_size > SIZE_MAX / 2) {
        right = io_error(bytes, "map", EFBIG);
    } else if (info.st_size <= READ_WHOLE) {
        right = read_regular(bytes, fd, (size_t)info.st_size);
    } else {
        right = map_regular(bytes, fd, (size_t)info.st_size);
    }
    if (right && bytes->size == 0) return cd_fail(CD_ERR_IO, "%s: the file is empty", bytes->label);
    return right;
}

bool cd_bytes_open(cd_bytes *bytes, const char *path)
{
    *bytes = (cd_bytes){ .data = NULL };
    if (!path) return cd_fail(CD_ERR_ARGUMENT, "open: the path is NULL");
    set_label(bytes, path);
    int fd;
    do {
        fd = open(path, O_RDONLY | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) return io_error(bytes, "open", errno);
    bool right = fill(bytes, fd);
    (void)close(fd); /* nothing was written, so there is nothing to lose */
    if (!right) cd_bytes_close(bytes);
    return right;
}

void cd_bytes_borrow(cd_bytes *bytes, const char *label, const void *data, size_t size)
{
    *bytes = (cd_bytes){ .data = data, .size = size };
    set_label(bytes, label);
}

void cd_bytes_close(cd_bytes *bytes)
{
    if (bytes->mapped) {
        (void)munmap(bytes->owned, bytes->size);
    } else {
        cd_free(bytes->owned);
    }
    bytes->owned = NULL;
    bytes->data = NULL;
    bytes->size = 0;
    bytes->mapped = false;
}

bool cd_bytes_fail(const cd_bytes *bytes, cd_code code, uint64_t at, const char *format, ...)
{
    char sentence[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return cd_fail(code, "%s: byte %llu: %s", bytes->label, (unsigned long long)at, sentence);
}

/* --- the cursor ------------------------------------------------------------------------------- */

cd_cursor cd_cursor_over(const cd_bytes *bytes)
{
    return (cd_cursor){ .bytes = bytes, .at = 0, .end = bytes->size };
}

bool cd_cursor_range(cd_cursor *cursor, const cd_bytes *bytes, uint64_t at, uint64_t size,
                     const char *what)
{
    if (at > bytes->size || size > bytes->size - at) {
        return cd_bytes_fail(bytes, CD_ERR_FORMAT, at,
                             "%s takes %llu bytes from here, but the file has %zu in all", what,
                             (unsigned long long)size, bytes->size);
    }
    *cursor = (cd_cursor){ .bytes = bytes, .at = (size_t)at, .end = (size_t)(at + size) };
    return true;
}

bool cd_cursor_need(const cd_cursor *cursor, uint64_t size, const char *what)
{
    size_t left = cd_cursor_left(cursor);
    if (size <= left) return true;
    return cd_bytes_fail(cursor->bytes, CD_ERR_FORMAT, cursor->at,
                         "%s takes %llu bytes, but %zu are left: the file is cut short or damaged",
                         what, (unsigned long long)size, left);
}

bool cd_cursor_skip(cd_cursor *cursor, uint64_t size, const char *what)
{
    if (!cd_cursor_need(cursor, size, what)) return false;
    cursor->at += (size_t)size;
    return true;
}

uint64_t cd_load_le(const unsigned char *from, int size)
{
    uint64_t value = 0;
    for (int i = size - 1; i >= 0; i--) value = value << 8 | from[i];
    return value;
}

uint64_t cd_load_be(const unsigned char *from, int size)
{
    uint64_t value = 0;
    for (int i = 0; i < size; i++) value = value << 8 | from[i];
    return value;
}

static uint64_t next_number(cd_cursor *cursor, int size, bool big_endian)
{
    if ((size_t)size > cd_cursor_left(cursor)) return 0;
    const unsigned char *from = cursor->bytes->data + cursor->at;
    cursor->at += (size_t)size;
    return big_endian ? cd_load_be(from, size) : cd_load_le(from, size);
}

uint8_t cd_cursor_u8(cd_cursor *cursor)
{
    return (uint8_t)next_number(cursor, 1, false);
}

uint16_t cd_cursor_u16le(cd_cursor *cursor)
{
    return (uint16_t)next_number(cursor, 2, false);
}

uint32_t cd_cursor_u32le(cd_cursor *cursor)
{
    return (uint32_t)next_number(cursor, 4, false);
}

uint64_t cd_cursor_u64le(cd_cursor *cursor)
{
    return next_number(cursor, 8, false);
}

uint16_t cd_cursor_u16be(cd_cursor *cursor)
{
    return (uint16_t)next_number(cursor, 2, true);
}

uint32_t cd_cursor_u32be(cd_cursor *cursor)
{
    return (uint32_t)next_number(cursor, 4, true);
}

uint64_t cd_cursor_u64be(cd_cursor *cursor)
{
    return next_number(cursor, 8, true);
}

/* --- text ------------------------------------------------------------------------------------- */

/* The length of the UTF-8 sequence at `s`, of which `left` bytes are there; 0 if it is none. The
 * bounds on the second byte are those of the Unicode standard's table 3-7. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    unsigned char first = s[0], low = 0x80, high = 0xBF;
    if (first < 0x80) return 1;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length > left) return 0;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if (s[1] < low || s[1] > high) return 0;
    for (size_t i = 2; i < length; i++) {
        if (s[i] < 0x80 || s[i] > 0xBF) return 0;
    }
    return length;
}

bool cd_utf8_valid(const void *text, size_t size)
{
    const unsigned char *s = text;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_length(s + at, size - at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

char *cd_printable(char *out, size_t out_size, const void *text, size_t size)
{
    const unsigned char *s = text;
    size_t shown = size < out_size ? size : out_size - 1;
    for (size_t i = 0; i < shown; i++) out[i] = (char)(s[i] >= 0x20 && s[i] < 0x7F ? s[i] : '?');
    out[shown] = '\0';
    if (shown < size && out_size > 4) memcpy(out + shown - 3, "...", 3);
    return out;
}
