/* Predicts the rows of a CSV file, and writes them as a CSV file, a table or JSON. */
#include "apps/predict_table.h"

#include <string.h>

#include "apps/cells.h"
#include "apps/console.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/table.h"
#include "apps/tabular.h"

/* The columns that are written behind those of the file. */
static const char prediction_name[] = "prediction", probability_name[] = "probability";

/* The predictions of all rows. */
typedef struct predictions {
    const table_prediction *p;
    tabular t;
    cd_tensor *numbers;       /* of a regression: N float32; else NULL */
    cd_tensor *best;          /* of classes: N int64, the most probable ones */
    cd_tensor *probability;   /* of these, N x 1 float32 */
    cd_tensor *logits;        /* N x classes float32, */
    cd_tensor *probabilities; /* and their softmax */
} predictions;

/* --- predicting ------------------------------------------------------------------------------- */

/* The classes are those of the greatest logits, as eval counts them: two probabilities may be
 * rounded to the same number. */
static bool predict_classes(predictions *all)
{
    all->logits = tabular_logits(&all->t);
    all->probabilities = cd_softmax(all->logits, 1);
    all->best = cd_encoder_decode(all->t.encoder, all->t.outputs);
    all->probability = cd_gather(all->probabilities, 1, cd_unsqueeze(all->best, 1));
    return all->probability != NULL;
}

/* Numbers have float32's digits: those behind them would be of the conversion only. A number that
 * is too large for float32 is an error. */
static bool predict_numbers(predictions *all)
{
    bool finite;
    int64_t row;
    all->numbers = cd_to(cd_encoder_decode(all->t.encoder, all->t.outputs), CD_F32);
    if (!all->numbers || !find_not_finite(all->numbers, &finite, &row)) return false;
    return finite ||
           cd_fail(CD_ERR_FORMAT,
                   "%s: line %lld: the number that the model predicts is too large, above "
                   "3.4e38 or below -3.4e38",
                   all->p->data, (long long)cd_table_line(all->t.table, row));
}

static bool predict_rows(predictions *all)
{
    const table_prediction *p = all->p;
    CD_NO_GRAD();
    if (!tabular_open(&all->t, p->model, p->card, p->data, false, "predicting")) return false;
    return tabular_is_regression(&all->t) ? predict_numbers(all) : predict_classes(all);
}

static const char *class_of(const predictions *all, int64_t k)
{
    return cd_encoder_classes(all->t.encoder)[k];
}

/* --- a CSV file ------------------------------------------------------------------------------- */

static bool has_column(const cd_table *t, const char *name)
{
    for (int64_t c = 0; c < cd_table_columns(t); c++) {
        if (strcmp(cd_table_name(t, c), name) == 0) return true;
    }
    return false;
}

static bool write_file(const predictions *all)
{
    const table_prediction *p = all->p;
    cd_csv_column columns[2] = { { .name = prediction_name, .values = all->numbers } };
    int64_t count = 1;
    if (!all->numbers) {
        columns[0] = (cd_csv_column){ .name = prediction_name,
                                      .values = all->best,
                                      .names = cd_encoder_classes(all->t.encoder),
                                      .name_count = cd_encoder_class_count(all->t.encoder) };
        columns[1] = (cd_csv_column){ .name = probability_name,
                                      .values = cd_flatten(all->probability, 0, -1) };
        count = 2;
    }
    for (int64_t k = 0; k < count; k++) {
        if (!has_column(all->t.table, columns[k].name)) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "%s has a column \"%s\" already, and so would %s have two: call the one in "
                       "the data otherwise",
                       p->data, columns[k].name, p->out);
    }
    return cd_write_csv(p->out, .table = all->t.table, .columns = columns, .column_count = count);
}

/* --- text ------------------------------------------------------------------------------------- */

enum { FIRST_COLUMNS = 5, WIDEST = 24, NARROWEST = 8 };

static int widest(const cd_table *t, int64_t c, int width)
{
    char text[SHOWN_BYTES];
    for (int64_t row = 0; row < cd_table_rows(t) && width < WIDEST; row++) {
        int length = cells(shown(cd_table_text(t, row, c), 0, text));
        if (length > width) width = length;
    }
    return width < WIDEST ? width : WIDEST;
}

/* How many columns of the file are shown: the first ones, by which a reader knows the rows. */
static int64_t first_columns(const cd_table *t)
{
    return cd_table_columns(t) < FIRST_COLUMNS ? cd_table_columns(t) : FIRST_COLUMNS;
}

/* The column of what is predicted. */
static column predicted_column(const predictions *all)
{
    enum { NUMBER = 14 /* columns of %.7g */ };
    char name[SHOWN_BYTES];
    int width = (int)sizeof prediction_name - 1;
    if (all->numbers) {
        return (column){ .head = prediction_name, .gap = 2, .width = NUMBER, .min_width = NUMBER };
    }
    for (int64_t k = 0; k < cd_encoder_class_count(all->t.encoder); k++) {
        int length = cells(shown(class_of(all, k), 0, name));
        if (length > width) width = length;
    }
    if (width > WIDEST) width = WIDEST;
    return (column){ .head = prediction_name,
                     .gap = 2,
                     .width = width,
                     .min_width = width < NARROWEST ? width : NARROWEST,
                     .text = true };
}

/* The file's first columns, and behind them what is predicted. `heads` has room for their names. */
static table table_of(const predictions *all, char heads[][SHOWN_BYTES])
{
    table t = { .count = 0 };
    const cd_table *from = all->t.table;
    const int64_t count = first_columns(from);
    for (int64_t c = 0; c < count; c++) {
        const char *head = shown(cd_table_name(from, c), WIDEST, heads[c]);
        int width = widest(from, c, cells(head));
        t.column[t.count++] = (column){ .head = head,
                                        .gap = c ? 2 : 0,
                                        .width = width,
                                        .min_width = width < NARROWEST ? width : NARROWEST,
                                        .drop_order = (int)(count - c),
                                        .text = true };
    }
    t.column[t.count++] = predicted_column(all);
    if (!all->numbers) {
        const int width = (int)sizeof probability_name - 1;
        t.column[t.count++] =
            (column){ .head = probability_name, .gap = 2, .width = width, .min_width = width };
    }
    table_fit(&t, columns_left(0));
    return t;
}

static void show_row(const predictions *all, table *t, int64_t row)
{
    const cd_table *from = all->t.table;
    for (int64_t c = 0; c < first_columns(from); c++) table_text(t, cd_table_text(from, row, c));
    if (all->numbers) {
        table_number(t, "%.7g", (double)((const float *)cd_data(all->numbers))[row]);
        return;
    }
    table_text(t, class_of(all, ((const int64_t *)cd_data(all->best))[row]));
    table_number(t, "%.2f %%", 100 * (double)((const float *)cd_data(all->probability))[row]);
}

static void show(const predictions *all)
{
    char heads[FIRST_COLUMNS][SHOWN_BYTES], rows[COUNTED_BYTES], task[TASK_BYTES];
    const int64_t count = cd_table_rows(all->t.table);
    print_line("%s on %s: %s, %s", all->p->file, all->p->data, counted(count, "row", "rows", rows),
               tabular_task(all->t.encoder, task));
    blank_line();
    table t = table_of(all, heads);
    table_head(&t);
    for (int64_t row = 0; row < count; row++) show_row(all, &t, row);
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* The most probable classes of a row, as for pictures. */
static json_t *classes_of_row(const predictions *all, const float *probability,
                              const int64_t *index, int64_t count)
{
    json_t *list = json_array();
    for (int64_t k = 0; k < count; k++) {
        json_t *one = json_object();
        put_text(one, "class", class_of(all, index[k]));
        put_integer(one, "index", index[k]);
        put_number(one, "probability", (double)probability[k]);
        append_json(list, one);
    }
    return list;
}

static json_t *rows_to_json(const predictions *all)
{
    json_t *list = json_array();
    const int64_t classes = cd_encoder_class_count(all->t.encoder);
    const int64_t top = all->p->top < classes ? all->p->top : classes;
    cd_tensor *index = NULL;
    if (!all->numbers) (void)cd_topk(all->logits, top, .indices = &index);
    const float *probability = index ? cd_data(cd_gather(all->probabilities, 1, index)) : NULL;
    const int64_t *label = index ? cd_data(index) : NULL;
    const float *number = all->numbers ? cd_data(all->numbers) : NULL;
    for (int64_t row = 0; cd_ok() && row < cd_table_rows(all->t.table); row++) {
        json_t *one = json_object();
        put_integer(one, "line", cd_table_line(all->t.table, row));
        if (number) {
            put_number(one, "prediction", (double)number[row]);
        } else {
            put_json(one, "predictions",
                     classes_of_row(all, probability + row * top, label + row * top, top));
        }
        append_json(list, one);
    }
    return list;
}

static json_t *to_json(const predictions *all)
{
    const table_prediction *p = all->p;
    json_t *object = json_object(), *classes = all->numbers ? json_null() : json_array();
    for (int64_t k = 0; k < cd_encoder_class_count(all->t.encoder); k++) {
        append_text(classes, class_of(all, k));
    }
    put_text(object, "model", p->file);
    put_text(object, "data", p->data);
    put_text(object, "task", all->numbers ? "regression" : "classes");
    put_text(object, "label", cd_encoder_label(all->t.encoder));
    put_json(object, "classes", classes);
    put_text(object, "out", p->out);
    put_integer(object, "count", cd_table_rows(all->t.table));
    put_json(object, "rows", p->out ? json_null() : rows_to_json(all));
    return object;
}

/* --- the whole -------------------------------------------------------------------------------- */

int predict_table(const table_prediction *p)
{
    predictions all = { .p = p };
    if (!predict_rows(&all) || (p->out && !write_file(&all))) return failed_or_stopped(p->out);
    if (p->json) {
        json_t *object = to_json(&all);
        if (cd_ok()) return !print_json(object);
        json_free(object);
        return failed_in_library();
    }
    if (!p->out) {
        show(&all);
        return 0;
    }
    char rows[COUNTED_BYTES];
    print_line("wrote %s: %s of %s, with %s%s%s", p->out,
               counted(cd_table_rows(all.t.table), "row", "rows", rows), p->data, prediction_name,
               all.numbers ? "" : " and ", all.numbers ? "" : probability_name);
    return 0;
}
