/* Applying an encoder to a table: cd_encoder_encode. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/create.h"
#include "core/memory_internal.h"
#include "core/nearest.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/encoder_internal.h"
#include "io/table_internal.h"

/* The word of the set that `text` was meant to be, for the end of a sentence. */
static const char *nearest(const cd_text_set *set, const char *text)
{
    const char *best = NULL;
    int distance = INT_MAX;
    for (int64_t i = 0; i < set->count; i++) {
        cd_nearest_offer(text, set->items[i], &best, &distance);
    }
    return best;
}

static bool fail_unknown(const cd_table *t, int64_t row, int64_t c, const cd_text_set *set,
                         const char *kind)
{
    const char *text = cd_table_text(t, row, c), *near = nearest(set, text);
    return cd_encoder_fail(t, row, c, "\"%s\" is none of the %lld %s: %s%s%s", CD_SHOWN(text),
                           (long long)set->count, kind, near ? "is it to be \"" : "the first is \"",
                           CD_SHOWN(near ? near : set->items[0]), near ? "\"?" : "\"");
}

/* --- inputs ----------------------------------------------------------------------------------- */

/* Writes the column's number in each row, `step` floats apart. */
static bool encode_numbers(const cd_encoder *e, const cd_input_column *column, const cd_table *t,
                           int64_t c, float *out, int64_t step)
{
    if (!cd_encoder_all_numbers(t, c)) return false;
    const double *values = cd_table_numbers(t, c);
    double mean = column->scaling.mean, std = column->scaling.std;
    for (int64_t row = 0; row < cd_table_rows(t); row++) {
        double value = values[row];
        if (isnan(value) && !e->fill_missing) {
            return cd_encoder_missing(t, row, c,
                                      ", and the model was made for tables without missing fields");
        }
        float scaled = isnan(value) || std == 0 ? 0 : (float)((value - mean) / std);
        if (isinf(value) || !isfinite(scaled)) {
            return cd_encoder_fail(t, row, c, "%s is too large",
                                   CD_SHOWN(cd_table_text(t, row, c)));
        }
        out[row * step] = scaled;
    }
    return true;
}

/* Writes 1 for the category of each row; the others are 0 already. */
static bool encode_texts(const cd_encoder *e, const cd_input_column *column, const cd_table *t,
                         int64_t c, float *out, int64_t step)
{
    for (int64_t row = 0; row < cd_table_rows(t); row++) {
        bool missing = cd_table_is_missing(t, row, c);
        if (missing && !e->fill_missing) {
            return cd_encoder_missing(t, row, c,
                                      ", and the model was made for tables without missing fields");
        }
        int64_t k = missing ? column->fill
                            : cd_text_set_find(&column->categories, cd_table_text(t, row, c));
        if (k >= 0) {
            out[row * step + k] = 1;
        } else if (!e->zeros_for_unknown) {
            return fail_unknown(t, row, c, &column->categories, "categories");
        }
    }
    return true;
}

bool cd_encoder_fail_absent(const cd_table *t, const char *name, const char *what)
{
    const char *best = NULL;
    int distance = INT_MAX;
    for (int64_t c = 0; c < cd_table_columns(t); c++) {
        cd_nearest_offer(name, cd_table_name(t, c), &best, &distance);
    }
    return cd_fail(CD_ERR_FORMAT, "%s: line %lld: there is no column \"%s\", which is %s%s%s%s",
                   cd_table_path(t), (long long)cd_table_header_line(t), CD_SHOWN(name), what,
                   best ? ": is it the one called \"" : "", CD_SHOWN(best ? best : ""),
                   best ? "\"?" : "");
}

static cd_tensor *encode_inputs(const cd_encoder *e, const cd_table *t)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(cd_table_rows(t), e->inputs));
    if (!x) return NULL;
    float *out = (float *)(void *)x->data;
    for (int64_t i = 0; i < e->column_count; i++) {
        const cd_input_column *column = &e->columns[i];
        int64_t c = cd_table_named(t, column->name), categories = column->categories.count;
        bool right = c < 0        ? cd_encoder_fail_absent(t, column->name, "an input of the model")
                     : categories ? encode_texts(e, column, t, c, out, e->inputs)
                                  : encode_numbers(e, column, t, c, out, e->inputs);
        if (!right) return NULL;
        out += cd_input_width(column);
    }
    return x;
}

/* --- the label -------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The number of the row's class; -1 with an error. */
static int64_t class_of(const cd_encoder *e, const cd_table *t, int64_t row, int64_t c)
{
    int64_t found;
    if (e->label_is_text) {
        found = cd_text_set_find(&e->classes, cd_table_text(t, row, c));
    } else {
        const double *value = cd_table_numbers(t, c) + row;
        const double *at =
            bsearch(value, e->class_numbers, (size_t)e->classes.count, sizeof *value, by_value);
        found = at ? at - e->class_numbers : -1;
    }
    if (found < 0) (void)fail_unknown(t, row, c, &e->classes, "classes");
    return found;
}

/* Checks that no label is missing, and that each is a number where numbers are wanted. */
static bool check_labels(const cd_encoder *e, const cd_table *t, int64_t c)
{
    bool numbers = !e->label_is_text;
    if (numbers && !cd_encoder_all_numbers(t, c)) return false;
    const double *values = numbers ? cd_table_numbers(t, c) : NULL;
    for (int64_t row = 0; row < cd_table_rows(t); row++) {
        bool missing = numbers ? isnan(values[row]) : cd_table_is_missing(t, row, c);
        if (missing) return cd_encoder_missing(t, row, c, ", and it is the label");
    }
    return true;
}

static bool regression_label(const cd_encoder *e, const cd_table *t, int64_t row, int64_t c,
                             float *out)
{
    double std = e->scaling.std, value = cd_table_numbers(t, c)[row];
    *out = std == 0 ? 0 : (float)((value - e->scaling.mean) / std);
    return (isfinite(value) && isfinite(*out)) ||
           cd_encoder_fail(t, row, c, "%s is too large", CD_SHOWN(cd_table_text(t, row, c)));
}

static cd_tensor *encode_label(const cd_encoder *e, const cd_table *t, int64_t c)
{
    int64_t rows = cd_table_rows(t);
    bool classes = e->task == CD_TABLE_CLASSES;
    if (!check_labels(e, t, c)) return NULL;
    cd_tensor *y =
        classes ? cd_empty(CD_SHAPE(rows), .dtype = CD_I64) : cd_empty(CD_SHAPE(rows, 1));
    if (!y) return NULL;
    float *number = (float *)(void *)y->data;
    int64_t *class_number = (int64_t *)(void *)y->data;
    for (int64_t row = 0; row < rows; row++) {
        if (e->task == CD_TABLE_REGRESSION) {
            if (!regression_label(e, t, row, c, &number[row])) return NULL;
            continue;
        }
        int64_t k = class_of(e, t, row, c);
        if (k < 0) return NULL;
        if (classes) {
            class_number[row] = k;
        } else {
            number[row] = (float)k;
        }
    }
    return y;
}

bool cd_encoder_encode(const cd_encoder *e, const cd_table *t, cd_tensor **x, cd_tensor **y)
{
    static const char function[] = "encoder_encode";
    if (!cd_ok() || !cd_encoder_check(e, function) || !cd_table_check(t, function) ||
        !cd_check_not_captured(function, "the elements come from a table")) {
        return false;
    }
    CD_SCOPE();
    int64_t c = y ? cd_table_named(t, e->label) : -1;
    cd_tensor *inputs = x ? encode_inputs(e, t) : NULL;
    cd_tensor *label = c >= 0 && cd_ok() ? encode_label(e, t, c) : NULL;
    if (!cd_ok() || (inputs && !cd_escape(inputs)) || (label && !cd_escape(label))) return false;
    if (x) *x = inputs;
    if (y) *y = label;
    return true;
}
