/* Fits the columns of a table to a line, and prints its rows. */
#include "apps/table.h"

#include <stdarg.h>
#include <string.h>

#include "apps/cells.h"
#include "apps/console.h"

/* --- fitting ---------------------------------------------------------------------------------- */

/* The width of a line in which each column has its min_width. */
static int min_line_width(const table *t)
{
    int sum = 0;
    for (int k = 0; k < t->count; k++) sum += t->column[k].gap + t->column[k].min_width;
    return sum;
}

/* Leaves out the column with this drop_order; false when there is none. */
static bool drop_column(table *t, int drop_order)
{
    for (int k = 0; k < t->count; k++) {
        column *c = &t->column[k];
        if (c->drop_order != drop_order) continue;
        c->gap = c->width = c->min_width = 0;
        return true;
    }
    return false;
}

/* Widens the columns that are texts (or those that are not) by the room that is left, and returns
 * what remains of it. */
static int widen(table *t, bool text, int room)
{
    for (int k = 0; k < t->count; k++) {
        column *c = &t->column[k];
        if (c->text != text) continue;
        int wanted = c->width - c->min_width, more = wanted < room ? wanted : room;
        c->width = c->min_width + more;
        room -= more;
    }
    return room;
}

static void begin_row(table *t)
{
    t->next = 0;
    t->line[0] = '\0';
    t->row = STYLE_PLAIN;
}

void table_fit(table *t, int line_width)
{
    enum { SHORTEST_TEXT = 4 };
    t->limited = line_width > 0;
    begin_row(t);
    if (!t->limited) return;
    for (int order = 1; min_line_width(t) > line_width && drop_column(t, order);) order++;
    int room = line_width - min_line_width(t);
    for (int k = 0; k < t->count && room < 0; k++) {
        column *c = &t->column[k];
        int spare = c->text && c->min_width > SHORTEST_TEXT ? c->min_width - SHORTEST_TEXT : 0;
        int less = spare < -room ? spare : -room;
        c->min_width -= less;
        room += less;
    }
    if (room < 0) room = 0;
    (void)widen(t, false, widen(t, true, room));
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Prints the cells as spans, which are cut from the line into a copy. */
static void end_row(table *t)
{
    char copy[sizeof t->line + TABLE_COLUMNS], *to = copy;
    span spans[TABLE_COLUMNS];
    size_t used = strlen(t->line), first = 0;
    while (used > 0 && t->line[used - 1] == ' ') used--;
    for (int k = 0; k < t->count; k++) {
        size_t end = t->end[k] < used ? t->end[k] : used;
        spans[k] = (span){ t->row ? t->row : t->column[k].style, to };
        memcpy(to, t->line + first, end - first);
        to += end - first;
        *to++ = '\0';
        first = end;
    }
    print_spans(spans, t->count);
    begin_row(t);
}

void table_row_style(table *t, style s)
{
    t->row = s;
}

void table_text(table *t, const char *text)
{
    const column *c = &t->column[t->next];
    char cell[SHOWN_BYTES], fitted[SHOWN_BYTES];
    size_t used = strlen(t->line);
    /* Of what is left of the line, as much as each of the cells behind it gets. */
    size_t share = (sizeof t->line - used) / (size_t)(t->count - t->next++), gap = (size_t)c->gap;
    size_t room = share <= gap ? 1 : share - gap < sizeof cell ? share - gap : sizeof cell;
    (void)shown(text, t->limited && c->text ? c->width : 0, fitted);
    (void)cd_escape_text(cell, room, fitted);
    int spaces = c->width > cells(cell) ? c->width - cells(cell) : 0;
    if (c->width > 0) {
        (void)snprintf(t->line + used, sizeof t->line - used, "%*s%s%*s",
                       c->gap + (c->text ? 0 : spaces), "", cell, c->text ? spaces : 0, "");
    }
    t->end[t->next - 1] = strlen(t->line);
    if (t->next == t->count) end_row(t);
}

void table_number(table *t, const char *format, ...)
{
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    table_text(t, text);
}

void table_head(table *t)
{
    table_row_style(t, STYLE_STRONG);
    for (int k = 0; k < t->count; k++) table_text(t, t->column[k].head);
}
