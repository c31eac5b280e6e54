/* Writes a page of HTML into memory.
 *
 * Where memory runs out, the page stays incomplete. All functions accept such a page, and
 * html_write, which is called last, then fails. */
#ifndef CANDELA_APPS_HTML_H
#define CANDELA_APPS_HTML_H

#include <candela.h>

/* A page so far. All zero is an empty one. */
typedef struct html {
    char *text; /* without a NUL; owned */
    size_t size, room;
    bool incomplete; /* memory ran out */
} html;

/* Adds markup as it is. The arguments are numbers, and texts of this program that hold no
 * character of markup; a text from outside is added by one of the functions below. */
void html_markup(html *h, const char *format, ...) CD_PRINTF(2, 3);

/* Adds a text from outside, of any length. Characters of markup are escaped, so that the text can
 * stand in an element or in a quoted attribute; control characters, and bytes that are not UTF-8,
 * are shown as cd_escape_text shows them. */
void html_text(html *h, const char *text);
/* Adds a name from outside as an element of its own, <bdi>, so that one that is written from right
 * to left does not change the order of what stands beside it. */
void html_name(html *h, const char *text);

/* Adds bytes in base64, for a data: URI. */
void html_base64(html *h, const void *bytes, size_t size);

/* Writes the page to the file at `path`, whole or not at all (cd_write_file). False with a library
 * error. */
bool html_write(const html *h, const char *path);
void html_free(html *h);

#endif
