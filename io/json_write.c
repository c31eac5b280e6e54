/* The writer of json_write_internal.h. */
#include "io/json_write_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"

/* Makes room for `more` bytes and a NUL behind them; false, and w->failed, when there is none. */
static bool reserve(cd_json_writer *w, size_t more)
{
    size_t need;
    if (w->failed) return false;
    w->failed = true;
    if (!cd_checked_add(w->size, more, &need) || (w->max_size && need > w->max_size)) {
        w->too_long = true;
        return false;
    }
    if (need >= w->capacity) {
        size_t capacity = need > SIZE_MAX / 4 ? need + 1 : 2 * need + 64;
        char *larger = cd_realloc(w->text, capacity);
        if (!larger) return false;
        w->text = larger;
        w->capacity = capacity;
    }
    w->failed = false;
    return true;
}

void cd_json_put_bytes(cd_json_writer *w, const void *bytes, size_t size)
{
    if (!reserve(w, size)) return;
    memcpy(w->text + w->size, bytes, size);
    w->size += size;
    w->text[w->size] = '\0';
}

void cd_json_put(cd_json_writer *w, const char *text)
{
    cd_json_put_bytes(w, text, strlen(text));
}

static void put_escaped(cd_json_writer *w, unsigned char c)
{
    static const char hex[] = "0123456789abcdef", from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *special = strchr(from, c);
    if (special) {
        cd_json_put_bytes(w, (char[]){ '\\', to[special - from] }, 2);
    } else {
        cd_json_put_bytes(w, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
    }
}

void cd_json_put_string(cd_json_writer *w, const char *text)
{
    static const char escaped[] =
        "\"\\\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F"
        "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x1E\x1F";
    cd_json_put(w, "\"");
    while (*text && !w->failed) {
        size_t plain = strcspn(text, escaped);
        cd_json_put_bytes(w, text, plain);
        text += plain;
        if (*text) put_escaped(w, (unsigned char)*text++);
    }
    cd_json_put(w, "\"");
}

void cd_json_put_whole(cd_json_writer *w, uint64_t value)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    cd_json_put_bytes(w, digits, (size_t)size);
}

void cd_json_put_number(cd_json_writer *w, double value)
{
    char text[40];
    (void)cd_format_shortest(text, sizeof text, value);
    cd_json_put(w, text);
    if (!strpbrk(text, ".e")) cd_json_put(w, ".0");
}

char *cd_json_finish(cd_json_writer *w)
{
    char *text = w->text;
    if (w->failed) {
        cd_free(text);
        text = NULL;
    }
    *w = (cd_json_writer){ .max_size = w->max_size, .failed = w->failed, .too_long = w->too_long };
    return text;
}
