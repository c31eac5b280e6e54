/* The bytes and the cursor of bytes_internal.h. */
#include "io/bytes_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory_internal.h"
#include "io/source_internal.h"

/* --- opening ---------------------------------------------------------------------------------- */

void cd_bytes_label(char label[CD_BYTES_LABEL], const char *path)
{
    bool fits = strlen(path) < CD_BYTES_LABEL;
    (void)snprintf(label, CD_BYTES_LABEL, "%s%s", fits ? "" : "...",
                   fits ? path : cd_text_end(path, CD_BYTES_LABEL - 4));
}

/* Takes over the memory of a source that was read whole when it was opened; reads any other one. */
static bool read_whole(cd_bytes *bytes, cd_source *source, size_t max_size)
{
    if (source->size > max_size) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: it has %llu bytes; up to %zu are read",
                       source->label, (unsigned long long)source->size, max_size);
    }
    bytes->owned = source->owned;
    source->owned = NULL;
    if (!bytes->owned) bytes->owned = cd_alloc((size_t)source->size);
    if (!bytes->owned) return false;
    if (!source->memory && !cd_source_read(source, 0, bytes->owned, (size_t)source->size)) {
        return false;
    }
    bytes->data = bytes->owned;
    bytes->size = (size_t)source->size;
    return cd_source_unchanged(source);
}

bool cd_bytes_open(cd_bytes *bytes, const char *path, size_t max_size)
{
    cd_source source;
    *bytes = (cd_bytes){ .data = NULL };
    if (!cd_source_open(&source, path)) return false;
    memcpy(bytes->label, source.label, sizeof bytes->label);
    bool ok = read_whole(bytes, &source, max_size);
    cd_source_close(&source);
    if (!ok) cd_bytes_close(bytes);
    return ok;
}

void cd_bytes_borrow(cd_bytes *bytes, const char *label, const void *data, size_t size)
{
    *bytes = (cd_bytes){ .data = data, .size = size };
    cd_bytes_label(bytes->label, label);
}

void cd_bytes_close(cd_bytes *bytes)
{
    cd_free(bytes->owned);
    bytes->owned = NULL;
    bytes->data = NULL;
    bytes->size = 0;
}

void cd_bytes_release(cd_bytes *bytes, cd_budget *budget)
{
    cd_budget_release(budget, &bytes->owned, &bytes->charged, 1);
    cd_bytes_close(bytes);
}

bool cd_bytes_fail(const cd_bytes *bytes, cd_code code, uint64_t offset, const char *format, ...)
{
    char sentence[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return cd_fail(code, "%s: byte %llu: %s", bytes->label,
                   (unsigned long long)(bytes->base + offset), sentence);
}

/* --- the cursor ------------------------------------------------------------------------------- */

cd_cursor cd_cursor_over(const cd_bytes *bytes)
{
    return (cd_cursor){ .bytes = bytes, .at = 0, .end = bytes->size };
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

char *cd_printable(char *out, size_t out_size, const void *text, size_t size)
{
    return cd_escape_bytes(out, out_size, text, size);
}
