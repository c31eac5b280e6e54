/* Text on a terminal: how many columns it takes, and how it is made to fit a line. */
#ifndef CANDELA_APPS_CELLS_H
#define CANDELA_APPS_CELLS_H

#include <candela.h>

/* The columns that UTF-8 text takes: two for a Chinese character, none for a combining accent. */
int cells(const char *text);

/* The text as a terminal may show it (cd_escape_text), in at most `width` columns: where it takes
 * more, "..." stands for its middle, so that names which differ at their ends stay different.
 * A width of 0 is no limit. Returns `out`. */
enum { SHOWN_BYTES = 1024 };
const char *shown(const char *text, int width, char out[SHOWN_BYTES]);

/* Writes the text and a newline. Where a word would pass column `width`, it goes to the next line,
 * behind `indent` spaces; runs of spaces within a line stay, and a word that is longer than a line
 * is not cut, so that a path can be copied. The cursor stands at `column` before. A width of 0 is
 * no limit. */
void wrap(FILE *stream, const char *text, int column, int indent, int width);

#endif
