/* What the library's own files ask a table beside io/table.h. */
#ifndef CANDELA_IO_TABLE_INTERNAL_H
#define CANDELA_IO_TABLE_INTERNAL_H

#include "io/table.h"

/* Begins the name of a column for which the header has none; its number follows. */
#define CD_UNNAMED "Unnamed: "

/* The first row of column c, which exists, that is neither missing nor a number; -1: none. */
int64_t cd_table_first_text(const cd_table *t, int64_t c);

#endif
