/* Text on a terminal: the columns it takes, and how it is made to fit a line. */
#ifndef CANDELA_APPS_CELLS_H
#define CANDELA_APPS_CELLS_H

#include <candela.h>

/* The columns that UTF-8 text takes: two for a Chinese character, none for a combining accent, none
 * for the escape of a style (style.h). */
int cells(const char *text);

/* Prepares counting; false where there is no memory for it, and then cells that are wide or
 * combine would be miscounted. Without the call it happens at the first count. */
bool cells_begin(void);

/* Whether the environment asks for UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is not empty
 * names it, as in "de_DE.UTF-8". The locale need not be installed, and no memory is needed, so that
 * what is printed depends on nothing else. */
bool locale_is_utf8(void);

/* Writes the text to `out`, escaped (cd_escape_text) and in at most `width` columns: in a longer
 * text "..." replaces the middle, so that names which differ at their ends stay different. A width
 * of 0 is no limit. Returns `out`. */
enum { SHOWN_BYTES = 1024 };
const char *shown(const char *text, int width, char out[SHOWN_BYTES]);

/* Writes the text and a newline, beginning at column `column`. A word that would pass column
 * `width` goes to the next line, after `indent` spaces. Runs of spaces within a line stay, and a
 * word longer than a line is not cut, so that a path can be copied. A width of 0 is no limit. */
void wrap(FILE *stream, const char *text, int column, int indent, int width);

#endif
