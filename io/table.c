/* The tables of table.h. */
#include "io/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/text_internal.h"
#include "io/csv_internal.h"
#include "io/csv_number_internal.h"
#include "io/source_internal.h"
#include "io/table_internal.h"

struct cd_table {
    cd_object object;
    cd_csv csv;
    size_t rows, first; /* `first`: the record of row 0: 1 after a header, else 0 */
    char *path;
    const char **names;         /* of the columns; they are in the text or in `made` */
    const char *const **sorted; /* addresses in `names`, in the order of the names */
    char *made;                 /* names that the file does not have, NAME_BYTES each; NULL: none */
    double *values;             /* column by column; of a column of texts they mean nothing */
    uint32_t *no_number; /* for each column: the first row that is no number, ALL_NUMBERS: none */
};

enum { NAME_BYTES = 16 };               /* "Unnamed: 65535" and a NUL */
#define ALL_NUMBERS UINT32_MAX          /* no table has as many rows */
#define MISSING     ((uint32_t)1 << 31) /* in the offset of a field: no file is that long */

static void destroy(cd_object *object)
{
    cd_table *t = (cd_table *)object;
    cd_free(t->csv.text);
    cd_free(t->csv.fields);
    cd_free(t->csv.lines);
    cd_free(t->path);
    cd_free(t->names);
    cd_free((void *)t->sorted);
    cd_free(t->made);
    cd_free(t->values);
    cd_free(t->no_number);
}

static const cd_class table_class = { CD_KIND_TABLE, "table", NULL, destroy };

/* --- fields ----------------------------------------------------------------------------------- */

/* The list in the documentation of pandas.read_csv. */
static const char *const default_missing[] = { "",         "#N/A", "#N/A N/A", "#NA",    "-1.#IND",
                                               "-1.#QNAN", "-NaN", "-nan",     "1.#IND", "1.#QNAN",
                                               "<NA>",     "N/A",  "NA",       "NULL",   "NaN",
                                               "None",     "n/a",  "nan",      "null",   NULL };

static bool listed(const char *text, const char *const *list)
{
    while (*list && strcmp(text, *list) != 0) list++;
    return *list != NULL;
}

/* `missing` is NULL for the default, whose texts begin with few characters. */
static bool is_missing_text(const char *text, const char *const *missing)
{
    if (missing) return listed(text, missing);
    return strchr("#-1<Nn", *text) != NULL && listed(text, default_missing);
}

/* Marks a field that is missing, and reads its number. A number is not looked up in the default
 * list, which has no other numbers than NaN. */
static void convert_field(cd_table *t, size_t row, size_t c, char point, const char *const *missing)
{
    uint32_t *field = &t->csv.fields[(t->first + row) * t->csv.columns + c];
    char *text = t->csv.text + *field;
    double value = (double)NAN;
    bool read = t->no_number[c] == ALL_NUMBERS && cd_csv_number(text, point, &value);
    bool plain = !missing && read && !isnan(value);
    if (!plain && is_missing_text(text, missing)) {
        *field |= MISSING;
        value = (double)NAN;
    } else if (!read && t->no_number[c] == ALL_NUMBERS) {
        t->no_number[c] = (uint32_t)row;
    }
    t->values[c * t->rows + row] = value;
}

/* Reads a column of texts again, with a decimal comma. If all are numbers, it is one of numbers. */
static void convert_commas(cd_table *t, size_t c)
{
    for (size_t row = 0; row < t->rows; row++) {
        uint32_t field = t->csv.fields[(t->first + row) * t->csv.columns + c];
        double *value = &t->values[c * t->rows + row];
        *value = (double)NAN;
        if (!(field & MISSING) && !cd_csv_number(t->csv.text + field, ',', value)) return;
    }
    t->no_number[c] = ALL_NUMBERS;
}

/* Looks at all fields, in the order of the file. */
static void convert(cd_table *t, const cd_read_csv_options *o)
{
    locale_t before = cd_c_locale_enter();
    size_t columns = t->csv.columns;
    char point = o->decimal ? o->decimal : '.';
    memset(t->no_number, 0xFF, columns * sizeof *t->no_number);
    for (size_t row = 0; row < t->rows; row++) {
        for (size_t c = 0; c < columns; c++) convert_field(t, row, c, point, o->missing);
    }
    for (size_t c = 0; c < columns && !o->decimal && t->csv.delimiter != ','; c++) {
        if (t->no_number[c] != ALL_NUMBERS) convert_commas(t, c);
    }
    cd_c_locale_leave(before);
}

/* --- names ------------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
    return strcmp(**(const char *const *const *)a, **(const char *const *const *)b);
}

/* Sorts the names, no two of which may be equal. */
static bool sort_names(cd_table *t)
{
    size_t columns = t->csv.columns;
    t->sorted = cd_alloc(columns * sizeof *t->sorted);
    if (!t->sorted) return false;
    for (size_t c = 0; c < columns; c++) t->sorted[c] = &t->names[c];
    qsort((void *)t->sorted, columns, sizeof *t->sorted, by_name);
    for (size_t c = 1; c < columns; c++) {
        if (strcmp(*t->sorted[c - 1], *t->sorted[c]) != 0) continue;
        return cd_fail(CD_ERR_FORMAT, "%s: line %u: two columns are called \"%s\"", t->csv.label,
                       (unsigned)t->csv.lines[0], CD_SHOWN(*t->sorted[c]));
    }
    return true;
}

/* Makes the name of column c. */
static bool make_name(cd_table *t, size_t c, const char *format)
{
    if (!t->made) t->made = cd_alloc_zeroed(t->csv.columns, NAME_BYTES);
    if (!t->made) return false;
    char *name = t->made + c * NAME_BYTES;
    (void)snprintf(name, NAME_BYTES, "%s%u", format, (unsigned)c & 0xFFFFU);
    t->names[c] = name;
    return true;
}

/* Names the columns after the first record, or after their numbers. */
static bool set_names(cd_table *t, bool no_header)
{
    t->names = cd_alloc_zeroed(t->csv.columns, sizeof *t->names);
    if (!t->names) return false;
    for (size_t c = 0; c < t->csv.columns; c++) {
        t->names[c] = t->csv.text + t->csv.fields[c];
        const char *made = no_header ? "" : *t->names[c] ? NULL : CD_UNNAMED;
        if (made && !make_name(t, c, made)) return false;
    }
    return sort_names(t);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool fill(cd_table *t, const cd_source *source, const cd_read_csv_options *o)
{
    if (source->size > CD_TABLE_MAX_BYTES) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: %llu bytes are too many: a table has at most %d",
                       source->label, (unsigned long long)source->size, CD_TABLE_MAX_BYTES);
    }
    t->csv = (cd_csv){ .size = (size_t)source->size,
                       .label = source->label,
                       .delimiter = o->delimiter,
                       .decimal = o->decimal,
                       .no_header = o->no_header };
    t->csv.text = cd_alloc(t->csv.size + 1);
    t->path = cd_strdup(source->label);
    if (!t->csv.text || !t->path || !cd_source_read(source, 0, t->csv.text, t->csv.size))
        return false;
    t->csv.text[t->csv.size] = '\0';
    if (!cd_source_unchanged(source) || !cd_csv_split(&t->csv)) return false;
    if (!set_names(t, o->no_header)) return false;
    t->first = o->no_header ? 0 : 1;
    t->rows = t->csv.record_count - t->first;
    if (t->rows == 0) return cd_fail(CD_ERR_FORMAT, "%s: a header, but no rows", source->label);
    t->values = cd_alloc(t->csv.columns * t->rows * sizeof *t->values);
    t->no_number = cd_alloc(t->csv.columns * sizeof *t->no_number);
    if (!t->values || !t->no_number) return false;
    convert(t, o);
    return true;
}

static bool check_options(const cd_read_csv_options *o)
{
    char d = o->delimiter;
    if (d == '"' || d == '\n' || d == '\r' || (d & 0x80)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "read_csv: .delimiter must be an ASCII character that is no quote and no "
                       "line end");
    }
    if (o->decimal && o->decimal != '.' && o->decimal != ',') {
        return cd_fail(CD_ERR_ARGUMENT, "read_csv: .decimal must be '.' or ','");
    }
    return !d || d != o->decimal ||
           cd_fail(CD_ERR_ARGUMENT, "read_csv: .delimiter and .decimal are both '%c'", d);
}

cd_table *cd_read_csv_with(cd_read_csv_options options)
{
    cd_source source;
    if (!cd_ok() || !check_options(&options) || !cd_source_open(&source, options.path)) return NULL;
    cd_table *t = cd_object_new(&table_class, sizeof *t);
    bool right = t && fill(t, &source, &options);
    if (t) t->csv.label = NULL;
    cd_source_close(&source);
    if (right) return cd_hand(t);
    if (t) cd_object_disown(&t->object);
    return NULL;
}

/* --- looking ---------------------------------------------------------------------------------- */

bool cd_table_check(const cd_table *t, const char *function)
{
    return cd_check_object(t, &table_class, function, "the table");
}

static bool has_column(const cd_table *t, int64_t c, const char *function)
{
    if (!cd_table_check(t, function)) return false;
    if (c >= 0 && (uint64_t)c < t->csv.columns) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: there is no column %lld, the table has %zu", function,
                   (long long)c, t->csv.columns);
}

static bool has_row(const cd_table *t, int64_t row, const char *function)
{
    if (!cd_table_check(t, function)) return false;
    if (row >= 0 && (uint64_t)row < t->rows) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: there is no row %lld, the table has %zu", function,
                   (long long)row, t->rows);
}

static uint32_t field_of(const cd_table *t, int64_t row, int64_t c)
{
    return t->csv.fields[(t->first + (size_t)row) * t->csv.columns + (size_t)c];
}

const char *cd_table_path(const cd_table *t)
{
    return t->path;
}

int64_t cd_table_header_line(const cd_table *t)
{
    return t->csv.lines[0];
}

int64_t cd_table_named(const cd_table *t, const char *name)
{
    const char *const *key = &name;
    const char *const **found =
        bsearch(&key, t->sorted, t->csv.columns, sizeof *t->sorted, by_name);
    return found ? *found - t->names : -1;
}

int64_t cd_table_first_text(const cd_table *t, int64_t c)
{
    return t->no_number[c] == ALL_NUMBERS ? -1 : (int64_t)t->no_number[c];
}

int64_t cd_table_rows(const cd_table *t)
{
    return cd_table_check(t, "table_rows") ? (int64_t)t->rows : 0;
}

int64_t cd_table_columns(const cd_table *t)
{
    return cd_table_check(t, "table_columns") ? (int64_t)t->csv.columns : 0;
}

const char *cd_table_name(const cd_table *t, int64_t c)
{
    return has_column(t, c, "table_name") ? t->names[c] : NULL;
}

/* The number that the text is, if it is digits only and a column's number; else -1. */
static int64_t column_number(const cd_table *t, const char *name)
{
    int64_t value = 0;
    const char *p = name;
    for (; *p >= '0' && *p <= '9' && value < CD_TABLE_MAX_COLUMNS; p++)
        value = 10 * value + (*p - '0');
    return p > name && !*p && (uint64_t)value < t->csv.columns ? value : -1;
}

int64_t cd_table_find(const cd_table *t, const char *name)
{
    if (!cd_table_check(t, "table_find")) return -1;
    if (!name) {
        (void)cd_fail(CD_ERR_ARGUMENT, "table_find: the name is NULL");
        return -1;
    }
    int64_t found = cd_table_named(t, name);
    if (found < 0) found = column_number(t, name);
    if (found >= 0) return found;
    bool several = t->csv.columns > 1;
    (void)cd_fail(CD_ERR_ARGUMENT, "table_find: no column \"%s\"; there are %s%s%s%s",
                  CD_SHOWN(name), CD_SHOWN(t->names[0]), several ? ", " : "",
                  CD_SHOWN(several ? t->names[1] : ""), t->csv.columns > 2 ? ", ..." : "");
    return -1;
}

bool cd_table_is_number(const cd_table *t, int64_t c)
{
    return has_column(t, c, "table_is_number") && t->no_number[c] == ALL_NUMBERS;
}

const double *cd_table_numbers(const cd_table *t, int64_t c)
{
    if (!has_column(t, c, "table_numbers")) return NULL;
    int64_t row = cd_table_first_text(t, c);
    if (row < 0) return t->values + (size_t)c * t->rows;
    (void)cd_fail(CD_ERR_ARGUMENT, "table_numbers: column \"%s\" has texts: line %u has \"%s\"",
                  CD_SHOWN(t->names[c]), (unsigned)t->csv.lines[t->first + (size_t)row],
                  CD_SHOWN(cd_table_text(t, row, c)));
    return NULL;
}

const char *cd_table_text(const cd_table *t, int64_t row, int64_t c)
{
    if (!has_row(t, row, "table_text") || !has_column(t, c, "table_text")) return NULL;
    return t->csv.text + (field_of(t, row, c) & ~MISSING);
}

bool cd_table_is_missing(const cd_table *t, int64_t row, int64_t c)
{
    if (!has_row(t, row, "table_is_missing")) return false;
    return has_column(t, c, "table_is_missing") && (field_of(t, row, c) & MISSING) != 0;
}

int64_t cd_table_line(const cd_table *t, int64_t row)
{
    return has_row(t, row, "table_line") ? t->csv.lines[t->first + (size_t)row] : 0;
}
