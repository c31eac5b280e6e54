/* What the library's own files ask a table beside io/table.h. */
#ifndef CANDELA_IO_TABLE_INTERNAL_H
#define CANDELA_IO_TABLE_INTERNAL_H

#include "core/error.h"
#include "io/table.h"

/* A name or a field for a sentence: escaped, and cut between two characters. */
#define CD_SHOWN(text_) cd_escape_text((char[68]){ 0 }, 68, (text_))

/* Begins the name of a column for which the header has none; its number follows. */
#define CD_UNNAMED      "Unnamed: "

/* Whether `t` is a table; if not, false with CD_ERR_ARGUMENT, in which `function` is named. */
bool cd_table_check(const cd_table *t, const char *function);
/* The path that the table was read from, for messages; of a long path the end. */
const char *cd_table_path(const cd_table *t);
/* The line of the header; of a table without one that of its first row. */
int64_t cd_table_header_line(const cd_table *t);
/* The column of this name; -1, without an error, when there is none. Unlike cd_table_find it takes
 * no number. */
int64_t cd_table_named(const cd_table *t, const char *name);
/* The first row of column c, which exists, that is neither missing nor a number; -1: none. */
int64_t cd_table_first_text(const cd_table *t, int64_t c);

#endif
