/* Learning an encoder from a table: cd_encoder_fit. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/encoder_internal.h"
#include "io/table_internal.h"

enum { MOST_AUTO_CLASSES = 20, DEFAULT_CATEGORIES = 256 };
/* Numbers of classes are below 2^53: from there on, whole numbers are rounded to one double. */
static const double too_large_class = 9007199254740992.0;

typedef struct fit {
    cd_encoder *e;
    const cd_table *table;
    const cd_encoder_fit_options *o;
    int64_t label;    /* its column */
    int64_t rows;     /* of the table */
    int64_t parts;    /* rows of the train part */
    bool *left_out;   /* for each column: it is no input */
    bool *as_texts;   /* for each column: its numbers are categories */
    void *scratch;    /* 8 bytes for each row, or for each category */
    int64_t distinct; /* different values of the label */
} fit;

/* Row i of the train part. */
static int64_t train_row(const fit *f, int64_t i)
{
    return f->o->rows ? f->o->rows[i] : i;
}

/* --- different values ------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the different texts of column c that are not missing into the scratch; returns their
 * number. */
static int64_t sort_texts(fit *f, int64_t c)
{
    const char **texts = f->scratch;
    int64_t count = 0, different = 0;
    for (int64_t row = 0; row < f->rows; row++) {
        if (!cd_table_is_missing(f->table, row, c))
            texts[count++] = cd_table_text(f->table, row, c);
    }
    qsort(texts, (size_t)count, sizeof *texts, by_text);
    for (int64_t i = 0; i < count; i++) {
        if (different == 0 || strcmp(texts[different - 1], texts[i]) != 0) {
            texts[different++] = texts[i];
        }
    }
    return different;
}

/* The same for numbers, which are not NaN. */
static int64_t sort_numbers(fit *f, int64_t c)
{
    const double *values = cd_table_numbers(f->table, c);
    double *numbers = f->scratch;
    int64_t count = 0, different = 0;
    for (int64_t row = 0; row < f->rows; row++) {
        if (!isnan(values[row])) numbers[count++] = values[row];
    }
    qsort(numbers, (size_t)count, sizeof *numbers, by_value);
    for (int64_t i = 0; i < count; i++) {
        if (different == 0 || numbers[different - 1] < numbers[i])
            numbers[different++] = numbers[i];
    }
    return different;
}

/* Makes a set of `count` texts; of numbers, where texts is NULL. */
static bool make_set(cd_text_set *set, const char *const *texts, const double *numbers,
                     int64_t count)
{
    set->items = cd_alloc_zeroed((size_t)count, sizeof *set->items);
    if (!set->items) return false;
    for (int64_t i = 0; i < count; i++) {
        char number[32];
        if (!texts) (void)cd_format_shortest(number, sizeof number, numbers[i] + 0.0);
        set->items[i] = cd_strdup(texts ? texts[i] : number);
        if (!set->items[i]) return false;
        set->count = i + 1;
    }
    return true;
}

/* --- columns ---------------------------------------------------------------------------------- */

/* Whether numbers with this mean and standard deviation count as constant: they differ by no more
 * than what their mean was rounded by, as 0.3 and 0.1 + 0.2 do (StandardScaler). */
static bool is_constant(double mean, double std, int64_t count)
{
    return std <= (double)count * DBL_EPSILON * fabs(mean);
}

/* The mean and the standard deviation of the train part's numbers, both in one pass by Welford's
 * recurrence, whose sums do not overflow. Constant numbers have a std of exactly 0. */
static bool learn_scaling(const fit *f, int64_t c, cd_scaling *out)
{
    const double *values = cd_table_numbers(f->table, c);
    double mean = 0, squares = 0, least = (double)INFINITY, greatest = -(double)INFINITY;
    int64_t count = 0;
    for (int64_t i = 0; i < f->parts; i++) {
        double value = values[train_row(f, i)], before = mean;
        if (isnan(value)) continue;
        mean += (value - mean) / (double)++count;
        squares += (value - before) * (value - mean);
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
    }
    *out = (cd_scaling){ least == greatest ? least : mean,
                         least == greatest ? 0 : sqrt(squares / (double)count) };
    if (is_constant(out->mean, out->std, count)) out->std = 0;
    return (isfinite(out->mean) && isfinite(out->std)) ||
           cd_fail(CD_ERR_FORMAT, "%s: the numbers of column \"%s\" are too large",
                   cd_table_path(f->table), CD_SHOWN(cd_table_name(f->table, c)));
}

/* Checks that the column has something in the train part and, if the encoder does not fill missing
 * fields, that none is missing. */
static bool check_missing(const fit *f, int64_t c, bool texts)
{
    const double *values = texts ? NULL : cd_table_numbers(f->table, c);
    int64_t first = -1, missing = 0, train_missing = 0; /* `first`: the row of the first one */
    for (int64_t row = f->rows - 1; row >= 0; row--) {
        if (texts ? !cd_table_is_missing(f->table, row, c) : !isnan(values[row])) continue;
        first = row;
        missing++;
    }
    if (missing == 0) return true;
    for (int64_t i = 0; i < f->parts; i++) {
        int64_t row = train_row(f, i);
        train_missing += texts ? cd_table_is_missing(f->table, row, c) : isnan(values[row]) != 0;
    }
    if (missing == f->rows || (f->o->fill_missing && train_missing == f->parts)) {
        return cd_fail(CD_ERR_FORMAT, "%s: column \"%s\" is empty%s: it must be left out (.ignore)",
                       cd_table_path(f->table), CD_SHOWN(cd_table_name(f->table, c)),
                       missing == f->rows ? "" : " in all rows of the train part");
    }
    return f->o->fill_missing ||
           cd_encoder_missing(f->table, first, c,
                              ": put a value in, or leave the line or the column out; "
                              "the option .fill_missing puts in the mean or the most "
                              "frequent text");
}

/* The most frequent text of the train part, the first of those in the set. */
static bool learn_fill(fit *f, int64_t c, cd_input_column *column)
{
    int64_t *counts = cd_alloc_zeroed((size_t)column->categories.count, sizeof *counts);
    if (!counts) return false;
    for (int64_t i = 0; i < f->parts; i++) {
        int64_t row = train_row(f, i);
        if (cd_table_is_missing(f->table, row, c)) continue;
        int64_t k = cd_text_set_find(&column->categories, cd_table_text(f->table, row, c));
        if (k >= 0) counts[k]++;
    }
    for (int64_t k = 1; k < column->categories.count; k++) {
        if (counts[k] > counts[column->fill]) column->fill = k;
    }
    cd_free(counts);
    return true;
}

static bool fail_categories(const fit *f, int64_t c, int64_t count, int64_t most)
{
    int64_t row = cd_table_first_text(f->table, c);
    const char *text = row < 0 ? NULL : cd_table_text(f->table, row, c);
    return cd_fail(CD_ERR_FORMAT,
                   "%s: column \"%s\" has %lld different texts, and .max_categories is %lld: "
                   "leave it out with .ignore%s%s%s",
                   cd_table_path(f->table), CD_SHOWN(cd_table_name(f->table, c)), (long long)count,
                   (long long)most, text ? ", or make it one of numbers, which \"" : "",
                   CD_SHOWN(text), text ? "\" is not" : "");
}

static bool learn_column(fit *f, int64_t c)
{
    cd_input_column *column = &f->e->columns[f->e->column_count++];
    bool texts = f->as_texts[c] || !cd_table_is_number(f->table, c);
    column->name = cd_strdup(cd_table_name(f->table, c));
    if (!column->name || !check_missing(f, c, texts)) return false;
    if (!texts) return learn_scaling(f, c, &column->scaling);
    int64_t most = f->o->max_categories ? f->o->max_categories : DEFAULT_CATEGORIES;
    int64_t count = sort_texts(f, c);
    if (count > most) return fail_categories(f, c, count, most);
    return make_set(&column->categories, f->scratch, NULL, count) && learn_fill(f, c, column);
}

/* --- the label -------------------------------------------------------------------------------- */

static bool check_label(const fit *f)
{
    bool texts = f->e->label_is_text;
    const double *values = texts ? NULL : cd_table_numbers(f->table, f->label);
    for (int64_t row = 0; row < f->rows; row++) {
        if (texts ? cd_table_is_missing(f->table, row, f->label) : isnan(values[row])) {
            return cd_encoder_missing(f->table, row, f->label, ", and it is the label");
        }
        if (texts || isfinite(values[row])) continue;
        return cd_encoder_fail(f->table, row, f->label, "the label is not finite");
    }
    return true;
}

static bool all_whole(const fit *f)
{
    const double *values = cd_table_numbers(f->table, f->label);
    int64_t row = 0;
    while (row < f->rows && values[row] == floor(values[row])) row++;
    return row == f->rows;
}

/* Finds the task out, by the rule in encoder.h; the different values are counted and sorted. */
static bool choose_task(fit *f)
{
    const char *name = cd_table_name(f->table, f->label);
    cd_encoder *e = f->e;
    if (e->label_is_text && f->distinct > MOST_AUTO_CLASSES && 2 * f->distinct > f->rows) {
        int64_t row = cd_table_first_text(f->table, f->label);
        return cd_encoder_fail(f->table, row, f->label,
                               "\"%s\" is no number, and %lld different texts in %lld rows are "
                               "too many for classes: .task = CD_TABLE_CLASSES if they are meant",
                               CD_SHOWN(cd_table_text(f->table, row, f->label)),
                               (long long)f->distinct, (long long)f->rows);
    }
    bool few = f->distinct <= MOST_AUTO_CLASSES && 2 * f->distinct <= f->rows;
    bool classes = e->label_is_text || (few && all_whole(f));
    e->task = classes ? CD_TABLE_CLASSES : CD_TABLE_REGRESSION;
    (void)cd_format(e->sentence, sizeof e->sentence, "the label \"%s\" has %s, so the task is %s%s",
                    CD_SHOWN(name),
                    e->label_is_text ? "texts"
                    : classes        ? "whole numbers with few values"
                                     : "numbers",
                    classes ? "to tell classes apart" : "regression",
                    e->label_is_text ? ""
                                     : " (classes are texts, or whole numbers with at most 20 "
                                       "values in twice as many rows or more)");
    return true;
}

/* Checks that the train part has more than one class. */
static bool check_several(const fit *f)
{
    const cd_table *t = f->table;
    int64_t first = train_row(f, 0), i = 1, c = f->label;
    const double *values = f->e->label_is_text ? NULL : cd_table_numbers(t, c);
    for (; i < f->parts; i++) {
        int64_t row = train_row(f, i);
        if (values ? values[row] != values[first]
                   : strcmp(cd_table_text(t, row, c), cd_table_text(t, first, c)) != 0) {
            return true;
        }
    }
    return cd_fail(CD_ERR_FORMAT,
                   "%s: all labels of the train part are \"%s\": there must be two classes or "
                   "more in column \"%s\"",
                   cd_table_path(t), CD_SHOWN(cd_table_text(t, first, c)),
                   CD_SHOWN(cd_table_name(t, c)));
}

static bool learn_classes(fit *f)
{
    cd_encoder *e = f->e;
    if (e->task == CD_TABLE_BINARY && f->distinct > 2) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: column \"%s\" has %lld classes, and CD_TABLE_BINARY tells two apart",
                       cd_table_path(f->table), CD_SHOWN(e->label), (long long)f->distinct);
    }
    const char *const *texts = e->label_is_text ? f->scratch : NULL;
    const double *numbers = f->scratch; /* ascending */
    if (!texts && (numbers[0] <= -too_large_class || numbers[f->distinct - 1] >= too_large_class)) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: column \"%s\" has numbers of 2^53 and more for classes, which would be "
                       "rounded: put a letter before each",
                       cd_table_path(f->table), CD_SHOWN(e->label));
    }
    return check_several(f) && make_set(&e->classes, texts, f->scratch, f->distinct);
}

static bool learn_label(fit *f)
{
    cd_encoder *e = f->e;
    e->task = f->o->task;
    e->label_is_text = !cd_table_is_number(f->table, f->label);
    e->label = cd_strdup(cd_table_name(f->table, f->label));
    if (!e->label) return false;
    if (e->task == CD_TABLE_REGRESSION && !cd_encoder_all_numbers(f->table, f->label)) return false;
    if (!check_label(f)) return false;
    f->distinct = e->label_is_text ? sort_texts(f, f->label) : sort_numbers(f, f->label);
    if (e->task == CD_TABLE_AUTO && !choose_task(f)) return false;
    if (!*e->sentence) {
        (void)cd_format(e->sentence, sizeof e->sentence, "the task is %s, as it was asked for",
                        e->task == CD_TABLE_REGRESSION ? "regression" : "to tell classes apart");
    }
    if (e->task != CD_TABLE_REGRESSION) return learn_classes(f);
    e->scaling = (cd_scaling){ 0, 1 };
    if (f->o->plain_label) return true;
    if (!learn_scaling(f, f->label, &e->scaling)) return false;
    /* A constant label is only shifted, as by StandardScaler: another value of it, in a table that
     * the model is tested with, must not be taken for the same. */
    if (e->scaling.std == 0) e->scaling.std = 1;
    return true;
}

/* --- which columns ---------------------------------------------------------------------------- */

/* Whether the first column has no name and numbers the rows. */
static bool numbers_rows(const cd_table *t)
{
    if (strcmp(cd_table_name(t, 0), CD_UNNAMED "0") != 0 || !cd_table_is_number(t, 0)) return false;
    const double *values = cd_table_numbers(t, 0);
    int64_t row = 1;
    while (row < cd_table_rows(t) && values[row] == values[row - 1] + 1) row++;
    return row == cd_table_rows(t) && values[0] == floor(values[0]);
}

/* Sets flags[c] for each column c of the list. */
static bool flag(const fit *f, const char *const *names, bool *flags)
{
    for (; names && *names; names++) {
        int64_t c = cd_table_find(f->table, *names);
        if (c < 0) return false;
        if (c == f->label) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "encoder_fit: \"%s\" is the label, and is listed as an input",
                           CD_SHOWN(*names));
        }
        flags[c] = true;
    }
    return true;
}

static bool choose_columns(fit *f)
{
    size_t columns = (size_t)cd_table_columns(f->table), count = 0;
    f->left_out = cd_alloc_zeroed(columns, sizeof *f->left_out);
    f->as_texts = cd_alloc_zeroed(columns, sizeof *f->as_texts);
    if (!f->left_out || !f->as_texts || !flag(f, f->o->ignore, f->left_out) ||
        !flag(f, f->o->categories, f->as_texts)) {
        return false;
    }
    f->left_out[f->label] = true;
    if (!f->left_out[0] && !f->as_texts[0] && numbers_rows(f->table)) {
        f->left_out[0] = true;
        cd_log_line(CD_LOG_INFO,
                    "%s: the first column has no name and numbers the rows: it is no input",
                    cd_table_path(f->table));
    }
    for (size_t c = 0; c < columns; c++) count += !f->left_out[c];
    if (count == 0) {
        return cd_fail(CD_ERR_FORMAT, "%s: no column is left as an input", cd_table_path(f->table));
    }
    f->e->columns = cd_alloc_zeroed(count, sizeof *f->e->columns);
    return f->e->columns != NULL;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool check_options(const cd_encoder_fit_options *o)
{
    static const char function[] = "encoder_fit";
    if (!cd_ok() || !cd_table_check(o->table, function)) return false;
    if (!o->label) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .label must name the column that is predicted",
                       function);
    }
    if ((unsigned)o->task > CD_TABLE_CLASSES) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .task is %d, which is no task", function,
                       (int)o->task);
    }
    if (o->max_categories < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .max_categories is %lld", function,
                       (long long)o->max_categories);
    }
    if (o->rows ? o->row_count <= 0 : o->row_count != 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the train part has %lld rows, and .rows is %s",
                       function, (long long)o->row_count, o->rows ? "given" : "NULL");
    }
    int64_t rows = cd_table_rows(o->table);
    for (int64_t i = 0; i < o->row_count; i++) {
        if (o->rows[i] >= 0 && o->rows[i] < rows) continue;
        return cd_fail(CD_ERR_ARGUMENT, "%s: .rows[%lld] is %lld, and the table has %lld rows",
                       function, (long long)i, (long long)o->rows[i], (long long)rows);
    }
    return true;
}

static bool learn(fit *f)
{
    const cd_encoder_fit_options *o = f->o;
    f->e->fill_missing = o->fill_missing;
    f->e->zeros_for_unknown = o->zeros_for_unknown;
    f->scratch = cd_alloc((size_t)f->rows * sizeof(double));
    f->label = cd_table_find(f->table, o->label);
    if (!f->scratch || f->label < 0 || !learn_label(f) || !choose_columns(f)) return false;
    for (int64_t c = 0; c < cd_table_columns(f->table); c++) {
        if (!f->left_out[c] && !learn_column(f, c)) return false;
    }
    return cd_encoder_finish(f->e, CD_ERR_FORMAT);
}

cd_encoder *cd_encoder_fit_with(cd_encoder_fit_options options)
{
    if (!check_options(&options)) return NULL;
    cd_encoder *e = cd_encoder_new();
    if (!e) return NULL;
    int64_t rows = cd_table_rows(options.table);
    fit f = { .e = e, .table = options.table, .o = &options, .rows = rows };
    f.parts = options.rows ? options.row_count : rows;
    bool done = learn(&f);
    cd_free(f.scratch);
    cd_free(f.left_out);
    cd_free(f.as_texts);
    if (done) return cd_hand(e);
    cd_object_disown(&e->object);
    return NULL;
}
