/* Tables on standard output. In a log they are whole; on a terminal that is too narrow, columns are
 * left out and texts shortened. */
#ifndef CANDELA_APPS_TABLE_H
#define CANDELA_APPS_TABLE_H

#include "apps/style.h"

typedef struct column {
    const char *head;
    int gap;        /* spaces before it */
    int width;      /* its width in a line that has room for all columns */
    int min_width;  /* the width of its longest number; for a text, what keeps it readable */
    int drop_order; /* 1: the first column to leave out of a line that is too short, 2: the next;
                       0: never left out */
    bool text;   /* aligned left and shortened to fit; a number is aligned right, and never cut */
    style style; /* of its cells in rows without a style of their own: STYLE_FAINT for times */
} column;

enum { TABLE_COLUMNS = 8 };
typedef struct table {
    column column[TABLE_COLUMNS];
    int count;
    /* Set by the functions below: */
    bool limited;              /* to the width of a terminal */
    int next;                  /* the column of the next cell */
    style row;                 /* of this row; STYLE_PLAIN: each cell has its column's */
    char line[LINE_BYTES];     /* the row so far */
    size_t end[TABLE_COLUMNS]; /* of each cell, in the line */
} table;

/* Makes the columns fit a line of `line_width` columns (columns_left(0)); 0: no limit. Columns are
 * left out until the others have their min_width; the rest of the line goes to the texts, then to
 * the numbers. To be called before the first row. */
void table_fit(table *t, int line_width);

/* Gives the next row a style, such as STYLE_STRONG for the best epoch. */
void table_row_style(table *t, style s);
/* Prints the heads of the columns as a row, in STYLE_STRONG. */
void table_head(table *t);
/* Adds the next cell of a row, a number. The row is printed with its last cell. */
void table_number(table *t, const char *format, ...) CD_PRINTF(2, 3);
/* Adds the next cell of a row, a text of any length; of a very long one the beginning, so that the
 * cells behind it are whole. */
void table_text(table *t, const char *text);

#endif
