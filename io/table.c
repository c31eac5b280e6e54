/* The tables of table.h. */
#include "io/table.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/text_internal.h"
#include "io/csv_internal.h"
#include "io/source_internal.h"

struct cd_table {
    cd_object object;
    cd_csv csv;
    size_t rows, first; /* `first`: the record of row 0: 1 after a header, else 0 */
    char *numbered;     /* the names "0", "1", ... when there is no header, NAME_BYTES each */
    double *values;     /* column by column; of a column of texts they mean nothing */
    bool *is_text;      /* for each column */
};

enum { NAME_BYTES = 8 };            /* "65535" and a NUL */
#define MISSING ((uint32_t)1 << 31) /* in the offset of a field: no file is that long */

static void destroy(cd_object *object)
{
    cd_table *t = (cd_table *)object;
    cd_free(t->csv.text);
    cd_free(t->csv.fields);
    cd_free(t->csv.lines);
    cd_free(t->numbered);
    cd_free(t->values);
    cd_free(t->is_text);
}

static const cd_class table_class = { CD_KIND_TABLE, "table", NULL, destroy };

/* --- numbers ---------------------------------------------------------------------------------- */

static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whether only spaces follow. */
static bool ends(const char *p)
{
    while (is_space(*p)) p++;
    return *p == '\0';
}

/* inf, infinity and nan, with a sign or without, in any case. */
static bool special(const char *p, bool minus, double *out)
{
    static const char *const words[] = { "infinity", "inf", "nan" };
    for (int w = 0; w < 3; w++) {
        size_t length = strlen(words[w]), i = 0;
        while (i < length && (p[i] | 0x20) == words[w][i]) i++;
        if (i < length || !ends(p + length)) continue;
        *out = w == 2 ? (double)NAN : minus ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    return false;
}

/* Passes over "e-5"; adds it to *exponent, which stays small enough not to overflow. */
static const char *pass_exponent(const char *p, int *exponent)
{
    const char *q = p + 1;
    bool minus = *q == '-';
    int value = 0;
    if (*q == '+' || *q == '-') q++;
    if (!is_digit(*q)) return p;
    for (; is_digit(*q); q++) value = value < 100000 ? 10 * value + (*q - '0') : value;
    *exponent += minus ? -value : value;
    return q;
}

/* Reads a decimal number. Up to 2^53 and with a power of ten up to 10^22, both are doubles, so one
 * product or quotient is rounded once and right. All others are strtod's, in the "C" locale, which
 * the caller has entered. */
static bool number(const char *text, double *out)
{
    while (is_space(*text)) text++;
    const char *p = text;
    bool minus = *p == '-';
    if (*p == '-' || *p == '+') p++;
    if (!is_digit(*p) && *p != '.') return special(p, minus, out);
    uint64_t digits = 0;
    int count = 0, seen = 0, exponent = 0;
    bool point = false;
    for (; is_digit(*p) || (*p == '.' && !point); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        if (count < 19) digits = 10 * digits + (uint64_t)(*p - '0');
        count += count > 0 || *p != '0';
        seen = 1;
        if (point && exponent > -100000) exponent--;
    }
    if (!seen) return false;
    if (*p == 'e' || *p == 'E') p = pass_exponent(p, &exponent);
    if (!ends(p)) return false;
    if (FLT_EVAL_METHOD == 0 && count <= 19 && digits <= (uint64_t)1 << 53 && exponent >= -22 &&
        exponent <= 22) {
        double value = (double)digits;
        value = exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
        *out = minus ? -value : value;
    } else {
        *out = strtod(text, NULL);
    }
    return true;
}

/* --- missing fields --------------------------------------------------------------------------- */

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

/* Marks missing fields and reads numbers. A plain digit begins no default but 1.#IND and 1.#QNAN,
 * so most numbers are not looked up. */
static void convert(cd_table *t, const char *const *missing)
{
    locale_t before = cd_c_locale_enter();
    size_t columns = t->csv.columns;
    for (size_t row = 0; row < t->rows; row++) {
        uint32_t *fields = t->csv.fields + (t->first + row) * columns;
        for (size_t c = 0; c < columns; c++) {
            const char *text = t->csv.text + fields[c];
            double value = (double)NAN;
            bool read = !t->is_text[c] && number(text, &value);
            bool plain = !missing && read && !isnan(value);
            if (!plain && listed(text, missing ? missing : default_missing)) {
                fields[c] |= MISSING;
                value = (double)NAN;
            } else if (!read) {
                t->is_text[c] = true;
            }
            t->values[c * t->rows + row] = value;
        }
    }
    cd_c_locale_leave(before);
}

/* --- names ------------------------------------------------------------------------------------ */

static const char *name_of(const cd_table *t, size_t c)
{
    return t->numbered ? t->numbered + c * NAME_BYTES : t->csv.text + t->csv.fields[c];
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool check_names(const cd_table *t)
{
    size_t columns = t->csv.columns;
    const char **sorted = cd_alloc_zeroed(columns, sizeof *sorted);
    if (!sorted) return false;
    bool right = true;
    for (size_t c = 0; c < columns && right; c++) {
        sorted[c] = name_of(t, c);
        if (*sorted[c]) continue;
        right = cd_fail(CD_ERR_FORMAT, "%s: line %u: column %zu of the header has no name",
                        t->csv.label, (unsigned)t->csv.lines[0], c);
    }
    if (right) qsort(sorted, columns, sizeof *sorted, by_text);
    for (size_t c = 1; c < columns && right; c++) {
        if (strcmp(sorted[c - 1], sorted[c]) != 0) continue;
        right = cd_fail(CD_ERR_FORMAT, "%s: line %u: two columns are called \"%s\"", t->csv.label,
                        (unsigned)t->csv.lines[0], sorted[c]);
    }
    cd_free(sorted);
    return right;
}

static bool number_names(cd_table *t)
{
    t->numbered = cd_alloc_zeroed(t->csv.columns, NAME_BYTES);
    if (!t->numbered) return false;
    for (size_t c = 0; c < t->csv.columns; c++) {
        (void)cd_format(t->numbered + c * NAME_BYTES, NAME_BYTES, "%u", (unsigned)c & 0xFFFFU);
    }
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A header of one column that has another delimiter is most likely a mistake. */
static void warn_of_delimiter(const cd_table *t)
{
    const char *name = t->csv.columns == 1 ? name_of(t, 0) : "";
    char other = strchr(name, ';') ? ';' : strchr(name, '\t') ? '\t' : '\0';
    if (!other) return;
    cd_log_line(CD_LOG_WARNING,
                "%s: the header has no '%c' but %s: read it with .delimiter = '%s'?", t->csv.label,
                t->csv.delimiter, other == ';' ? "semicolons" : "tabs", other == ';' ? ";" : "\\t");
}

static bool fill(cd_table *t, const cd_source *source, const cd_read_csv_options *o)
{
    if (source->size > CD_TABLE_MAX_BYTES) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: %llu bytes are too many: a table has at most %d",
                       source->label, (unsigned long long)source->size, CD_TABLE_MAX_BYTES);
    }
    t->csv = (cd_csv){ .size = (size_t)source->size,
                       .label = source->label,
                       .delimiter = o->delimiter ? o->delimiter : ',' };
    t->csv.text = cd_alloc(t->csv.size + 1);
    if (!t->csv.text || !cd_source_read(source, 0, t->csv.text, t->csv.size)) return false;
    t->csv.text[t->csv.size] = '\0';
    if (!cd_source_unchanged(source) || !cd_csv_split(&t->csv)) return false;
    if (o->no_header ? !number_names(t) : !check_names(t)) return false;
    t->first = o->no_header ? 0 : 1;
    t->rows = t->csv.record_count - t->first;
    if (t->rows == 0) return cd_fail(CD_ERR_FORMAT, "%s: a header, but no rows", source->label);
    t->values = cd_alloc(t->csv.columns * t->rows * sizeof *t->values);
    t->is_text = cd_alloc_zeroed(t->csv.columns, sizeof *t->is_text);
    if (!t->values || !t->is_text) return false;
    convert(t, o->missing);
    warn_of_delimiter(t);
    return true;
}

cd_table *cd_read_csv_with(cd_read_csv_options options)
{
    char d = options.delimiter;
    if (d == '"' || d == '\n' || d == '\r' || (d & 0x80)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "read_csv: .delimiter is to be one ASCII character that is "
                                       "no quote and no line end");
        return NULL;
    }
    cd_source source;
    if (!cd_source_open(&source, options.path)) return NULL;
    cd_table *t = cd_object_new(&table_class, sizeof *t);
    bool right = t && fill(t, &source, &options);
    if (t) t->csv.label = NULL;
    cd_source_close(&source);
    if (right) return cd_hand(t);
    if (t) cd_object_disown(&t->object);
    return NULL;
}

/* --- looking ---------------------------------------------------------------------------------- */

static bool is_table(const cd_table *t, const char *function)
{
    return cd_check_object(t, &table_class, function, "the table");
}

static bool has_column(const cd_table *t, int64_t c, const char *function)
{
    if (!is_table(t, function)) return false;
    if (c >= 0 && (uint64_t)c < t->csv.columns) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: there is no column %lld, the table has %zu", function,
                   (long long)c, t->csv.columns);
}

static bool has_row(const cd_table *t, int64_t row, const char *function)
{
    if (!is_table(t, function)) return false;
    if (row >= 0 && (uint64_t)row < t->rows) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: there is no row %lld, the table has %zu", function,
                   (long long)row, t->rows);
}

static uint32_t field_of(const cd_table *t, int64_t row, int64_t c)
{
    return t->csv.fields[(t->first + (size_t)row) * t->csv.columns + (size_t)c];
}

int64_t cd_table_rows(const cd_table *t)
{
    return is_table(t, "table_rows") ? (int64_t)t->rows : 0;
}

int64_t cd_table_columns(const cd_table *t)
{
    return is_table(t, "table_columns") ? (int64_t)t->csv.columns : 0;
}

const char *cd_table_name(const cd_table *t, int64_t c)
{
    return has_column(t, c, "table_name") ? name_of(t, (size_t)c) : NULL;
}

/* The number that the text is, if it is digits only and a column's number; else -1. */
static int64_t column_number(const cd_table *t, const char *name)
{
    int64_t value = 0;
    const char *p = name;
    for (; is_digit(*p) && value < CD_TABLE_MAX_COLUMNS; p++) value = 10 * value + (*p - '0');
    return p > name && !*p && (uint64_t)value < t->csv.columns ? value : -1;
}

int64_t cd_table_find(const cd_table *t, const char *name)
{
    if (!is_table(t, "table_find")) return -1;
    if (!name) {
        (void)cd_fail(CD_ERR_ARGUMENT, "table_find: the name is NULL");
        return -1;
    }
    for (size_t c = 0; c < t->csv.columns; c++) {
        if (strcmp(name_of(t, c), name) == 0) return (int64_t)c;
    }
    int64_t numbered = column_number(t, name);
    if (numbered >= 0) return numbered;
    bool several = t->csv.columns > 1;
    (void)cd_fail(CD_ERR_ARGUMENT, "table_find: no column \"%.64s\"; there are %.64s%s%.64s%s",
                  name, name_of(t, 0), several ? ", " : "", several ? name_of(t, 1) : "",
                  t->csv.columns > 2 ? ", ..." : "");
    return -1;
}

bool cd_table_is_number(const cd_table *t, int64_t c)
{
    return has_column(t, c, "table_is_number") && !t->is_text[c];
}

const double *cd_table_numbers(const cd_table *t, int64_t c)
{
    if (!has_column(t, c, "table_numbers")) return NULL;
    if (!t->is_text[c]) return t->values + (size_t)c * t->rows;
    (void)cd_fail(CD_ERR_ARGUMENT, "table_numbers: column \"%s\" has texts", name_of(t, (size_t)c));
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
