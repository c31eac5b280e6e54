/* Writes HTML: markup, escaped texts, and bytes in base64. */
#include "apps/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void add(html *h, const char *bytes, size_t size)
{
    if (size == 0) return; /* the page may have no memory yet */
    if (h->room - h->size < size) {
        size_t room = 2 * (h->size + size);
        char *larger = realloc(h->text, room);
        if (!larger) {
            h->incomplete = true;
            return;
        }
        h->text = larger;
        h->room = room;
    }
    memcpy(h->text + h->size, bytes, size);
    h->size += size;
}

void html_markup(html *h, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        h->incomplete = true;
        return;
    }
    add(h, text, (size_t)length);
    free(text);
}

/* --- texts ------------------------------------------------------------------------------------ */

/* The characters that begin or end something in HTML, and what stands for them; NULL: the character
 * is no such one. */
static const char *reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void add_escaped(html *h, const char *text)
{
    while (*text) {
        size_t plain = strcspn(text, "&<>\"'");
        add(h, text, plain);
        text += plain;
        const char *instead = reference(*text);
        if (!instead) return;
        add(h, instead, strlen(instead));
        text++;
    }
}

void html_text(html *h, const char *text)
{
    /* A byte that is not UTF-8 becomes four characters, and no character more than twice its
     * bytes. */
    enum { LONGEST = 4 };
    size_t room = LONGEST * strlen(text) + 1;
    char *shown = malloc(room);
    if (shown) {
        add_escaped(h, cd_escape_text(shown, room, text));
    } else {
        h->incomplete = true;
    }
    free(shown);
}

void html_name(html *h, const char *text)
{
    html_markup(h, "<bdi>");
    html_text(h, text);
    html_markup(h, "</bdi>");
}

/* --- bytes ------------------------------------------------------------------------------------ */

void html_base64(html *h, const void *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned group = (unsigned)at[i] << 16;
        if (left > 1) group |= (unsigned)at[i + 1] << 8;
        if (left > 2) group |= at[i + 2];
        const char four[4] = { digits[group >> 18], digits[group >> 12 & 63],
                               left > 1 ? digits[group >> 6 & 63] : '=',
                               left > 2 ? digits[group & 63] : '=' };
        add(h, four, sizeof four);
    }
}

/* --- the file --------------------------------------------------------------------------------- */

bool html_write(const html *h, const char *path)
{
    if (h->incomplete) return cd_fail(CD_ERR_MEMORY, "%s: out of memory for the page", path);
    return cd_write_file(path, h->text, h->size);
}

void html_free(html *h)
{
    free(h->text);
    *h = (html){ .size = 0 };
}
