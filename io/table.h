/* Tables: a CSV file as named columns of numbers or texts, the counterpart of pandas.read_csv, and
 * columns written as a CSV file.
 *
 *     cd_table *houses = cd_read_csv("houses.csv");
 *     int64_t price = cd_table_find(houses, "price");
 *     const double *prices = cd_table_numbers(houses, price);
 *
 * Fields are quoted as in RFC 4180: "..." may hold delimiters and line ends, and "" inside it is a
 * quote. Lines end in LF, CRLF or CR; the last one needs no end. A byte order mark is skipped, and
 * so are lines that are empty or blank, as in pandas. A column without a name in the header is
 * called "Unnamed: N" after its number, as in pandas. Unlike pandas, a row with too few fields is an
 * error, and so are two columns of one name, and a quote inside quotes that is not doubled. True
 * and False are texts.
 *
 * io/encoder.h makes tensors of a table. */
#ifndef CANDELA_IO_TABLE_H
#define CANDELA_IO_TABLE_H

#include "core/scope.h"

CD_BEGIN_DECLS

typedef struct cd_table cd_table;

/* The limits of a table. Each row has at least one byte, so the bytes limit the rows too. */
enum { CD_TABLE_MAX_COLUMNS = 1 << 16, CD_TABLE_MAX_BYTES = 0x7FFFFFFE };

typedef struct cd_read_csv_options {
    const char *path;
    CD_GUARD_;
    /* Between fields (pandas: sep). Default: what the first line has outside quotes: a comma, if it
     * has none a semicolon, and if it has neither a tab. Spreadsheets write semicolons where the
     * decimal point is a comma. */
    char delimiter;
    /* The decimal point, '.' or ',' (pandas: decimal). Default: a point; and in a file whose
     * delimiter is not a comma, a comma in those columns that are numbers only then. */
    char decimal;
    bool no_header; /* the first line is a row, and columns are called "0", "1", ... */
    /* The texts that count as missing, ended by NULL. They replace the default, which is the empty
     * field and the texts that pandas takes: NA, N/A, NaN, nan, null, NULL, None and so on. */
    const char *const *missing;
} cd_read_csv_options;

/* Reads a file; the open scope owns the table. The file is read whole; while it is read, and
 * afterwards, it takes at most 24 times its size, plus 4 MiB. Does nothing while an error is
 * pending. NULL with CD_ERR_IO, CD_ERR_FORMAT (the error names
 * the line), CD_ERR_UNSUPPORTED (too large), CD_ERR_ARGUMENT or CD_ERR_MEMORY. */
CD_API cd_table *cd_read_csv_with(cd_read_csv_options options);
#define cd_read_csv(...) cd_read_csv_with((cd_read_csv_options){ .path = __VA_ARGS__ })

/* The number of rows, without the header; 0 with an error if `t` is no table. */
CD_API int64_t cd_table_rows(const cd_table *t);
/* The number of columns. */
CD_API int64_t cd_table_columns(const cd_table *t);
/* The name of column c. Strings live as long as the table. */
CD_API const char *cd_table_name(const cd_table *t, int64_t c);
/* The column of this name or, when none has it, of this number, from "0". -1 with CD_ERR_ARGUMENT,
 * which lists the first names, when there is neither. */
CD_API int64_t cd_table_find(const cd_table *t, const char *name);
/* Whether every field of column c that is not missing is a number: what Python's float() takes,
 * without underscores. A column with nothing but missing fields is one too, as in pandas. */
CD_API bool cd_table_is_number(const cd_table *t, int64_t c);
/* The values of column c, one for each row, NaN for missing ones. Each is the double nearest to the
 * text, as pandas' float_precision="round_trip" gives, whatever the locale. They are the table's.
 * NULL with CD_ERR_ARGUMENT for a column of texts. */
CD_API const double *cd_table_numbers(const cd_table *t, int64_t c);
/* The text of a field, without its quotes. NULL with CD_ERR_ARGUMENT out of range. */
CD_API const char *cd_table_text(const cd_table *t, int64_t row, int64_t c);
/* Whether a field is missing; false with CD_ERR_ARGUMENT out of range. */
CD_API bool cd_table_is_missing(const cd_table *t, int64_t row, int64_t c);
/* The line of the file, from 1, on which a row begins; 0 with CD_ERR_ARGUMENT out of range. */
CD_API int64_t cd_table_line(const cd_table *t, int64_t row);

CD_END_DECLS

#endif
