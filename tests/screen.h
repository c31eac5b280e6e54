/* A model of a terminal, for tests of what the program shows: bytes are written to it, and its
 * screen is read. It knows UTF-8, carriage return, newline, the escape that clears to the end of
 * the line, those of the program's styles, and wrapping: a character after the last column goes to
 * the next line. Other control characters and escapes are counted in `strange`. */
#ifndef CANDELA_TESTS_SCREEN_H
#define CANDELA_TESTS_SCREEN_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SCREEN_ROWS = 400, SCREEN_COLUMNS = 200 };

typedef struct screen {
    int columns;     /* the width of the screen */
    int row, column; /* the position of the cursor */
    int wraps;       /* characters that went to the next line */
    int strange;     /* control characters and escapes that the model does not know */
    /* The character in each cell; "" for none, and in the right half of a wide character. */
    char cell[SCREEN_ROWS][SCREEN_COLUMNS][8];
    char pending[32]; /* the first bytes of a character or an escape */
    size_t pending_bytes;
} screen;

static inline void screen_begin(screen *s, int columns)
{
    memset(s, 0, sizeof *s);
    s->columns = columns;
}

/* The width of a character in columns: 2 for those East Asian scripts that the tests use, otherwise
 * 1. */
static inline int screen_width_of(const char *character)
{
    return (unsigned char)character[0] >= 0xE3 && (unsigned char)character[0] <= 0xED ? 2 : 1;
}

/* Writes a character at the cursor. */
static inline void screen_put(screen *s, const char *character)
{
    int width = screen_width_of(character);
    if (s->column + width > s->columns) {
        s->wraps++;
        s->column = 0;
        s->row++;
    }
    if (s->row >= SCREEN_ROWS) return;
    (void)snprintf(s->cell[s->row][s->column], sizeof s->cell[0][0], "%s", character);
    if (width == 2) s->cell[s->row][s->column + 1][0] = '\0';
    s->column += width;
}

/* Clears from the cursor to the end of the line. */
static inline void screen_clear_to_end(screen *s)
{
    for (int k = s->column; k < s->columns && s->row < SCREEN_ROWS; k++)
        s->cell[s->row][k][0] = '\0';
}

/* Whether the pending bytes are a whole character or escape. */
static inline bool screen_is_whole(const screen *s)
{
    unsigned char first = (unsigned char)s->pending[0];
    if (first == '\033' && s->pending_bytes > 1 && s->pending[1] == '[') {
        unsigned char last = (unsigned char)s->pending[s->pending_bytes - 1];
        return s->pending_bytes > 2 && (last >= 0x40 || s->pending_bytes + 1 == sizeof s->pending);
    }
    size_t length = first == '\033' ? 2
                    : first < 0xC0  ? 1
                    : first < 0xE0  ? 2
                    : first < 0xF0  ? 3
                                    : 4;
    return s->pending_bytes >= length;
}

/* Whether an escape begins or ends one of the program's styles. */
static inline bool screen_is_style(const char *escape)
{
    static const char *const known[] = { "\033[0m",        "\033[1m",       "\033[2m",
                                         "\033[1;31m",     "\033[33m",      "\033[32m",
                                         "\033[38;5;130m", "\033[38;5;28m", "\033[1;38;5;160m" };
    bool any = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        any = any || strcmp(escape, known[i]) == 0;
    }
    return any;
}

/* Writes bytes to the terminal; characters and escapes may be cut between two calls. */
static inline void screen_write(screen *s, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        s->pending[s->pending_bytes++] = bytes[i];
        if (!screen_is_whole(s)) continue;
        s->pending[s->pending_bytes] = '\0';
        s->pending_bytes = 0;
        if (s->pending[0] == '\r') {
            s->column = 0;
        } else if (s->pending[0] == '\n') {
            s->column = 0;
            s->row++;
        } else if (strcmp(s->pending, "\033[K") == 0) {
            screen_clear_to_end(s);
        } else if (screen_is_style(s->pending)) {
            continue;
        } else if ((unsigned char)s->pending[0] < 0x20 || s->pending[0] == 0x7F) {
            s->strange++;
        } else {
            screen_put(s, s->pending);
        }
    }
}

/* The text of a row, without spaces at its end. The next call overwrites it. */
static inline const char *screen_row(const screen *s, int row)
{
    static char text[SCREEN_COLUMNS * 8];
    size_t used = 0, end = 0;
    for (int k = 0; row < SCREEN_ROWS && k < s->columns; k++) {
        const char *character = s->cell[row][k];
        bool right_half = k > 0 && screen_width_of(s->cell[row][k - 1]) == 2;
        if (right_half && !*character) continue;
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s", *character ? character : " ");
        if (*character && *character != ' ') end = used;
    }
    text[end] = '\0';
    return text;
}

/* The text of all rows, each ended by a newline. The next call overwrites it. */
static inline const char *screen_text(const screen *s)
{
    static char text[SCREEN_ROWS * 256];
    size_t used = 0;
    text[0] = '\0';
    for (int row = 0; row <= s->row && row < SCREEN_ROWS && used < sizeof text; row++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", screen_row(s, row));
    }
    return text;
}

#endif
