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
 * called "Unnamed: N" after its number, as in pandas. Unlike pandas, a row with too few fields is
 * an error, and so are two columns of one name, and a quote inside quotes that is not doubled. True
 * and False are texts.
 *
 * io/encoder.h makes tensors of a table. */
#ifndef CANDELA_IO_TABLE_H
#define CANDELA_IO_TABLE_H

#include "core/tensor.h"

CD_BEGIN_DECLS

typedef struct cd_table cd_table;

/* The limits of a table. Each row has at least one byte, so the bytes limit the rows too. */
enum { CD_TABLE_MAX_COLUMNS = 1 << 16, CD_TABLE_MAX_BYTES = 0x7FFFFFFE };

typedef struct cd_read_csv_options {
    const char *path;
    CD_GUARD_;
    /* Between fields (pandas: sep). Default: what the first line has outside quotes: a comma, if it
     * has none a semicolon, and if it has neither a tab. Spreadsheets write semicolons where the
     * decimal point is a comma; so in a file without a header that has semicolons or tabs, commas
     * between two digits do not count. */
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

/* A column that is written: one dimension, a row for each element. Floats are written with the
 * fewest digits that read back as the same float32 or float64, NaN as an empty field, truths as
 * True and False. */
typedef struct cd_csv_column {
    const char *name;
    cd_tensor *values;
    const char *const *names; /* element k stands for names[k]; NULL: for itself */
    int64_t name_count;       /* how many names there are */
} cd_csv_column;

/* cd_write_csv("predictions.csv", .table = t, .columns = &column, .column_count = 1): writes a CSV
 * file (pandas: DataFrame.to_csv(index=False)) with LF line ends. Fields are quoted where they must
 * be (RFC 4180), or where cd_read_csv could mistake them. A crash at any point leaves the file that
 * was there, or the new one complete. Does nothing while an error is pending.
 *
 * False with CD_ERR_ARGUMENT (a name that is NULL or there twice, an element that has no name,
 * nothing to write), CD_ERR_UNSUPPORTED (a path with the ending of another format), CD_ERR_SHAPE
 * (not one dimension, or not the same number of rows), CD_ERR_DTYPE (names for floats), CD_ERR_IO
 * or CD_ERR_MEMORY. */
typedef struct cd_write_csv_options {
    const char *path;
    CD_GUARD_;
    const cd_table *table;        /* its columns come first, its fields as they were read */
    const cd_csv_column *columns; /* column_count of them */
    int64_t column_count;
    char delimiter; /* default: ',' */
} cd_write_csv_options;

CD_API bool cd_write_csv_with(cd_write_csv_options options);
#define cd_write_csv(...) cd_write_csv_with((cd_write_csv_options){ .path = __VA_ARGS__ })

/* Whether cd_write_csv can write at `path`: to be asked before the work that makes the columns.
 * Leaves nothing behind. False with CD_ERR_IO or CD_ERR_UNSUPPORTED and why. */
CD_API bool cd_csv_writable(const char *path);

CD_END_DECLS

#endif
