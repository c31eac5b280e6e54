/* Emphasis and colour on terminals that have them. Sparing: a style marks what a text says in words
 * too, so nothing is told by colour alone.
 *
 * A line is made of spans, each in one style. The texts of spans are escaped (cd_escape_text) when
 * they are written, so that the only escapes on the terminal are those of the styles. */
#ifndef CANDELA_APPS_STYLE_H
#define CANDELA_APPS_STYLE_H

#include <candela.h>

typedef enum style {
    STYLE_PLAIN,
    STYLE_STRONG,  /* bold: heads of tables and sections, names of options, the best epoch */
    STYLE_FAINT,   /* dim: what is secondary, such as times */
    STYLE_ERROR,   /* bold and red: the word "error:" */
    STYLE_WARNING, /* yellow: the word "warning:" */
    STYLE_SAVED    /* green: the line that says where the result is */
} style;

typedef struct span {
    style style;
    const char *text;
} span;

/* What --color says. */
typedef enum style_choice { STYLE_AUTO, STYLE_ALWAYS, STYLE_NEVER } style_choice;

/* Which colours a stream gets. */
typedef enum style_colors {
    STYLE_NO_COLORS, /* no escapes at all, not for bold either */
    STYLE_8_COLORS,  /* the first colours of the terminal's own palette */
    STYLE_256_COLORS /* fixed ones, which have contrast on white and on black */
} style_colors;

/* Decides for a stream, which is a terminal or not. STYLE_ALWAYS and STYLE_NEVER decide alone. With
 * STYLE_AUTO, in this order: NO_COLOR, set and not empty, is none (no-color.org); FORCE_COLOR, set
 * and not empty, is colours, or none where it is "0" or "false"; CLICOLOR_FORCE, set, not empty and
 * not "0", is colours; then colours are for terminals whose TERM is set and not "dumb". There are
 * 256 of them where TERM contains "256color" or COLORTERM is set. */
style_colors style_decide(style_choice choice, bool terminal);

/* The choice of a word, "auto", "always" or "never"; STYLE_AUTO for others and for NULL. */
style_choice style_choice_of(const char *word);

/* The escape that begins a style, "" for STYLE_PLAIN and for STYLE_NO_COLORS; and the one that ends
 * it, likewise. */
const char *style_on(style s, style_colors colors);
const char *style_off(style s, style_colors colors);

/* The most bytes of a line's text. What is longer is cut between characters, and ends in "...". */
enum { LINE_BYTES = 8192 };

/* Writes the spans as one line, escaped, and wrapped to `width` columns (wrap in cells.h; 0: no
 * limit). Lines that continue it are indented by two columns more than the first. */
void write_spans(FILE *stream, const span *spans, int count, int width, style_colors colors);

#endif
