/* Tables on standard output: whole in a log, and on a terminal as much of them as a line holds. */
#ifndef CANDELA_APPS_TABLE_H
#define CANDELA_APPS_TABLE_H

#include <candela.h>

typedef struct column {
    const char *head;
    int gap;    /* spaces before it */
    int width;  /* columns of the terminal that it takes where there is room */
    int least;  /* what it takes at least: its longest number; of a text, what keeps it readable */
    int leaves; /* 1: is left out first where a line is too short, 2: next; 0: stays */
    bool text;  /* stands left, and is shortened; numbers stand right, and never are */
} column;

enum { TABLE_COLUMNS = 8 };
typedef struct table {
    column column[TABLE_COLUMNS];
    int count;
    /* Its own: */
    bool limited;    /* by a terminal */
    int next;        /* the column of the next cell */
    char line[4096]; /* the row so far */
} table;

/* Makes the columns fit a line of `line` columns (columns_left(0)); 0: no limit. Columns leave
 * until the others have what they need at least; what is left of the line goes to the texts, then
 * to the numbers. Called before the first row. */
void table_fit(table *t, int line);

void table_head(table *t);
/* The next cell of a row, which the last cell writes: a number, or a text of any length. */
void table_number(table *t, const char *format, ...) CD_PRINTF(2, 3);
void table_text(table *t, const char *text);

#endif
