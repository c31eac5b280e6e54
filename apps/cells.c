/* Counts the columns of UTF-8 text by wcwidth, shortens it and wraps it. */
#include "apps/cells.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

/* The locale in which wcwidth is called. It counts columns by the locale's character set, and the
 * program's own locale is often C (in a container, in a cron job), while the texts are UTF-8. */
static locale_t utf8;

static bool out_of_memory;

static void find_utf8(void)
{
    errno = 0;
    utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    out_of_memory = !utf8 && errno == ENOMEM;
}

bool cells_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, find_utf8);
    return !out_of_memory;
}

static locale_t use_utf8(void)
{
    (void)cells_begin();
    return uselocale(utf8);
}

bool locale_is_utf8(void)
{
    static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    static const char *const names[] = { "utf-8", "utf8" };
    const char *locale = "";
    for (int i = 0; i < 3 && !*locale; i++) {
        const char *value = getenv(variables[i]);
        if (value) locale = value;
    }
    const char *set = strchr(locale, '.');
    const size_t length = set ? strcspn(set + 1, "@") : 0;
    for (int i = 0; set && i < 2; i++) {
        if (length == strlen(names[i]) && strncasecmp(set + 1, names[i], length) == 0) return true;
    }
    return false;
}

/* The bytes of the escape of a style at `at`, such as "\033[1;31m"; 0: there is none. */
static size_t style_bytes(const char *at)
{
    if (at[0] != '\033' || at[1] != '[') return 0;
    size_t n = 2 + strspn(at + 2, "0123456789;");
    return at[n] == 'm' ? n + 1 : 0;
}

/* The bytes of the character at `at`, or of the escape, which is not the end of the text. */
static size_t character_bytes(const char *at)
{
    size_t n = style_bytes(at);
    if (n > 0) return n;
    n = 1;
    while (((unsigned char)at[n] & 0xC0) == 0x80) n++;
    return n;
}

/* The columns of a character; 1 where they are not known. */
static int character_columns(const char *at, size_t bytes)
{
    mbstate_t state = { 0 };
    wchar_t character;
    if (style_bytes(at) > 0) return 0;
    if (bytes == 1 || mbrtowc(&character, at, bytes, &state) != bytes) return 1;
    int columns = wcwidth(character);
    return columns < 0 ? 1 : columns;
}

/* The columns of the first `bytes` bytes. */
static int columns_within(const char *text, size_t bytes)
{
    locale_t before = use_utf8();
    int columns = 0;
    for (size_t at = 0, n; at < bytes; at += n) {
        n = character_bytes(text + at);
        columns += character_columns(text + at, n);
    }
    (void)uselocale(before);
    return columns;
}

int cells(const char *text)
{
    return columns_within(text, strlen(text));
}

/* The bytes of the longest prefix that takes at most `width` columns. */
static size_t bytes_within(const char *text, int width)
{
    size_t at = 0, end = strlen(text);
    while (at < end) {
        size_t n = character_bytes(text + at);
        width -= columns_within(text + at, n);
        if (width < 0) break;
        at += n;
    }
    return at;
}

const char *shown(const char *text, int width, char out[SHOWN_BYTES])
{
    static const char dots[] = "...";
    enum { DOTS = sizeof dots - 1 };
    (void)cd_escape_text(out, SHOWN_BYTES, text);
    if (width <= 0 || cells(out) <= width) return out;
    if (width <= DOTS) {
        out[bytes_within(out, width)] = '\0';
        return out;
    }
    int before = (width - DOTS + 1) / 2, after = width - DOTS - before;
    size_t head = bytes_within(out, before), tail = head;
    while (cells(out + tail) > after) tail += character_bytes(out + tail);
    /* Combining accents of the last character that is dropped would combine with the dots. */
    while (out[tail] && columns_within(out + tail, character_bytes(out + tail)) == 0) {
        tail += character_bytes(out + tail);
    }
    /* The dots fit: the text had more than `width` columns, so more than DOTS bytes are dropped. */
    memmove(out + head + DOTS, out + tail, strlen(out + tail) + 1);
    memcpy(out + head, dots, DOTS);
    return out;
}

void wrap(FILE *stream, const char *text, int column, int indent, int width)
{
    while (*text) {
        int gap = (int)strspn(text, " ");
        size_t bytes = strcspn(text + gap, " ");
        int columns = columns_within(text + gap, bytes);
        if (width > 0 && column > indent && column + gap + columns > width) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
        } else {
            fprintf(stream, "%*s", gap, "");
            column += gap;
        }
        (void)fwrite(text + gap, 1, bytes, stream);
        column += columns;
        text += (size_t)gap + bytes;
    }
    (void)fputc('\n', stream);
}
