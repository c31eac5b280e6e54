/* Writing columns as a CSV file: cd_write_csv. */
#include <math.h>
#include <string.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "core/text_internal.h"
#include "io/atomic_file_internal.h"
#include "io/file_ending_internal.h"
#include "io/table_internal.h"

enum { BUFFER_BYTES = 1 << 16, NUMBER_BYTES = 40 };

typedef struct writer {
    const cd_write_csv_options *o;
    cd_atomic_file *file;
    char *buffer;
    size_t used;
    char delimiter;
    cd_tensor **values;   /* of each column: on the processor, contiguous */
    int64_t rows, fields; /* fields of a row */
    bool failed;
} writer;

/* --- fields ----------------------------------------------------------------------------------- */

static void put(writer *w, const char *bytes, size_t size)
{
    while (size > 0 && !w->failed) {
        size_t part = BUFFER_BYTES - w->used < size ? BUFFER_BYTES - w->used : size;
        memcpy(w->buffer + w->used, bytes, part);
        w->used += part;
        bytes += part;
        size -= part;
        if (w->used < BUFFER_BYTES) return;
        w->failed = !cd_atomic_file_write(w->file, w->buffer, w->used);
        w->used = 0;
    }
}

/* Whether a text needs quotes to come back: for what delimits fields, for what cd_read_csv could
 * take for a delimiter, for a mark at the start of the file, and for a line that would be blank. */
static bool needs_quotes(const writer *w, const char *text)
{
    const char stops[] = { w->delimiter, '"', '\n', '\r', ',', ';', '\t', '\0' };
    return strpbrk(text, stops) || strncmp(text, "\xEF\xBB\xBF", 3) == 0 ||
           (w->fields == 1 && text[strspn(text, " \t")] == '\0');
}

static void put_text(writer *w, const char *text)
{
    if (!needs_quotes(w, text)) {
        put(w, text, strlen(text));
        return;
    }
    put(w, "\"", 1);
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        put(w, text, (size_t)(quote - text) + 1);
        put(w, "\"", 1);
    }
    put(w, text, strlen(text));
    put(w, "\"", 1);
}

/* The fewest digits that give the same float32. */
static void format_float(char *out, float value)
{
    int digits = 6;
    do (void)cd_format(out, NUMBER_BYTES, "%.*g", digits, (double)value);
    while (digits++ < 9 && (float)cd_text_number(out, NULL) != value);
}

/* Element i of a column as a text; "" for NaN. */
static void format_element(char *out, const cd_tensor *t, int64_t i)
{
    const void *data = t->data;
    double real = 0;
    *out = '\0';
    switch (t->dtype) {
    case CD_F32:
        real = (double)((const float *)data)[i];
        break;
    case CD_F64:
        real = ((const double *)data)[i];
        break;
    case CD_BOOL:
        (void)cd_format(out, NUMBER_BYTES, "%s", ((const bool *)data)[i] ? "True" : "False");
        return;
    default:
        (void)cd_format(out, NUMBER_BYTES, "%lld", (long long)((const int64_t *)data)[i]);
        return;
    }
    if (isnan(real)) return;
    if (isinf(real)) {
        (void)cd_format(out, NUMBER_BYTES, "%s", real < 0 ? "-inf" : "inf");
    } else if (t->dtype == CD_F32) {
        format_float(out, (float)real);
    } else {
        (void)cd_format_shortest(out, NUMBER_BYTES, real);
    }
}

/* --- columns ---------------------------------------------------------------------------------- */

static void put_column(writer *w, int64_t k, int64_t row)
{
    const cd_csv_column *column = &w->o->columns[k];
    const cd_tensor *t = w->values[k];
    char number[NUMBER_BYTES];
    if (column->names) {
        put_text(w, column->names[((const int64_t *)(const void *)t->data)[row]]);
        return;
    }
    format_element(number, t, row);
    put_text(w, number);
}

/* Writes a row; the header for row -1. */
static void put_row(writer *w, int64_t row)
{
    const cd_write_csv_options *o = w->o;
    int64_t from_table = w->fields - o->column_count;
    for (int64_t i = 0; i < w->fields; i++) {
        if (i > 0) put(w, &w->delimiter, 1);
        if (i >= from_table && row >= 0) {
            put_column(w, i - from_table, row);
        } else if (i >= from_table) {
            put_text(w, o->columns[i - from_table].name);
        } else {
            put_text(w, row < 0 ? cd_table_name(o->table, i) : cd_table_text(o->table, row, i));
        }
    }
    put(w, "\n", 1);
}

/* Checks the names, and that elements are numbers of names. A NULL may be among those that no
 * element has. */
static bool check_names(const cd_csv_column *column, const cd_tensor *t)
{
    const int64_t *number = (const int64_t *)(const void *)t->data;
    for (int64_t k = 0; k < column->name_count; k++) {
        const char *name = column->names[k];
        if (!name || cd_utf8_valid(name, strlen(name))) continue;
        return cd_fail(CD_ERR_ARGUMENT, "write_csv: column \"%s\": name %lld is not UTF-8: \"%s\"",
                       CD_SHOWN(column->name), (long long)k, CD_SHOWN(name));
    }
    for (int64_t i = 0; i < t->shape.dim[0]; i++) {
        bool named = number[i] >= 0 && number[i] < column->name_count;
        if (named && column->names[number[i]]) continue;
        if (named) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "write_csv: column \"%s\": element %lld is %lld, whose name is NULL",
                           CD_SHOWN(column->name), (long long)i, (long long)number[i]);
        }
        return cd_fail(CD_ERR_ARGUMENT,
                       "write_csv: column \"%s\": element %lld is %lld, and there are %lld names",
                       CD_SHOWN(column->name), (long long)i, (long long)number[i],
                       (long long)column->name_count);
    }
    return true;
}

static bool check_column(const writer *w, int64_t k)
{
    const cd_csv_column *column = &w->o->columns[k];
    if (!column->name || !cd_utf8_valid(column->name, strlen(column->name))) {
        return cd_fail(CD_ERR_ARGUMENT, "write_csv: the name of column %lld is %s", (long long)k,
                       column->name ? "not UTF-8" : "NULL");
    }
    bool twice = w->o->table && cd_table_named(w->o->table, column->name) >= 0;
    for (int64_t i = 0; i < k; i++) twice |= strcmp(w->o->columns[i].name, column->name) == 0;
    if (twice) {
        return cd_fail(CD_ERR_ARGUMENT, "write_csv: two columns are called \"%s\"",
                       CD_SHOWN(column->name));
    }
    if (!cd_check_tensor(column->values, "write_csv", "a column's tensor")) return false;
    if (column->values->shape.ndim != 1) {
        return cd_fail(CD_ERR_SHAPE, "write_csv: column \"%s\" has %d dimensions: it must have 1",
                       CD_SHOWN(column->name), column->values->shape.ndim);
    }
    if (column->names && cd_dtype_is_floating(column->values->dtype)) {
        return cd_fail(CD_ERR_DTYPE,
                       "write_csv: column \"%s\" has names, so its elements must be "
                       "integers",
                       CD_SHOWN(column->name));
    }
    return true;
}

/* The column's elements where and as they are read; the open scope owns them. */
static cd_tensor *prepared(cd_tensor *t, bool named)
{
    bool as_is = !named && (t->dtype == CD_F32 || t->dtype == CD_F64 || t->dtype == CD_BOOL);
    cd_tensor *here = cd_to_device(cd_detach(t), CD_CPU);
    return cd_contiguous(as_is ? here : cd_to(here, CD_I64));
}

static bool prepare(writer *w)
{
    const cd_write_csv_options *o = w->o;
    w->rows = o->table ? cd_table_rows(o->table) : -1;
    for (int64_t k = 0; k < o->column_count; k++) {
        if (!check_column(w, k)) return false;
        cd_tensor *t = w->values[k] = prepared(o->columns[k].values, o->columns[k].names != NULL);
        if (!t || (o->columns[k].names && !check_names(&o->columns[k], t))) return false;
        if (w->rows < 0) w->rows = t->shape.dim[0];
        if (t->shape.dim[0] == w->rows) continue;
        return cd_fail(CD_ERR_SHAPE, "write_csv: column \"%s\" has %lld rows, and others %lld",
                       CD_SHOWN(o->columns[k].name), (long long)t->shape.dim[0],
                       (long long)w->rows);
    }
    w->fields = o->column_count + (o->table ? cd_table_columns(o->table) : 0);
    return w->fields > 0 || cd_fail(CD_ERR_ARGUMENT, "write_csv: there is no table and no column");
}

/* --- the file --------------------------------------------------------------------------------- */

static bool write_file(writer *w)
{
    w->buffer = cd_alloc(BUFFER_BYTES);
    w->file = w->buffer ? cd_atomic_file_open(w->o->path) : NULL;
    if (!w->file) return false;
    for (int64_t row = -1; row < w->rows && !w->failed; row++) put_row(w, row);
    if (!w->failed && cd_atomic_file_write(w->file, w->buffer, w->used)) {
        return cd_atomic_file_commit(w->file);
    }
    cd_atomic_file_abandon(w->file);
    return false;
}

static bool check_options(const cd_write_csv_options *o)
{
    char d = o->delimiter;
    if (!o->path) return cd_fail(CD_ERR_ARGUMENT, "write_csv: the path is NULL");
    if (d == '"' || d == '\n' || d == '\r' || (d & 0x80)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "write_csv: .delimiter must be an ASCII character that is no quote and no "
                       "line end");
    }
    if (o->column_count < 0 || (o->column_count > 0 && !o->columns) ||
        o->column_count > CD_TABLE_MAX_COLUMNS) {
        return cd_fail(CD_ERR_ARGUMENT, "write_csv: .column_count is %lld, and .columns is %s",
                       (long long)o->column_count, o->columns ? "given" : "NULL");
    }
    return cd_check_ending(o->path, "csv") && (!o->table || cd_table_check(o->table, "write_csv"));
}

bool cd_csv_writable(const char *path)
{
    if (!cd_ok() || (path && !cd_check_ending(path, "csv"))) return false;
    cd_atomic_file *file = cd_atomic_file_open(path);
    cd_atomic_file_abandon(file);
    return file != NULL;
}

bool cd_write_csv_with(cd_write_csv_options options)
{
    if (!cd_ok() || !check_options(&options) ||
        !cd_check_not_captured("write_csv", "it reads elements")) {
        return false;
    }
    CD_SCOPE();
    writer w = { .o = &options, .delimiter = options.delimiter ? options.delimiter : ',' };
    w.values = cd_alloc_zeroed((size_t)options.column_count + 1, sizeof *w.values);
    bool done = w.values && prepare(&w) && write_file(&w);
    cd_free(w.buffer);
    cd_free((void *)w.values);
    return done;
}
