/* Opens the CSV file that a model is trained on: finds the columns, and splits and encodes the
 * rows. */
#include "apps/train_table.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/console.h"

/* --- columns ---------------------------------------------------------------------------------- */

enum { LIST_BYTES = 1024 };

/* Writes the names of the table's columns to `list`, of many the first ones, and returns it. */
static const char *list_columns(const cd_table *t, char list[LIST_BYTES])
{
    enum { MOST = 20 };
    const int64_t columns = cd_table_columns(t);
    size_t used = 0;
    *list = '\0';
    for (int64_t c = 0; c < columns && c <= MOST && used < LIST_BYTES; c++) {
        char name[40];
        const char *text =
            c < MOST ? cd_escape_text(name, sizeof name, cd_table_name(t, c)) : "...";
        used += (size_t)snprintf(list + used, LIST_BYTES - used, "%s%s", c ? ", " : "", text);
    }
    return list;
}

/* Fails for a CSV file without a label. */
static int refuse_no_label(const char *data)
{
    char list[LIST_BYTES];
    CD_SCOPE();
    const cd_table *t = cd_read_csv(data);
    if (!t) return failed_in_library();
    return failed("%s is a CSV file, and --label COLUMN must say which column is predicted: it has "
                  "%s",
                  data, list_columns(t, list));
}

/* The number of a column, by its name or number. The sentence for one that is not there names the
 * nearest, or all. */
static int64_t find_column(const char *option_name, const char *path, const cd_table *t,
                           const char *name)
{
    const char *nearest = NULL;
    int distance = INT_MAX;
    char wanted[80], other[80], list[LIST_BYTES];
    const int64_t found = cd_table_find(t, name);
    if (found >= 0 || cd_error_code() != CD_ERR_ARGUMENT) return found;
    cd_clear_error();
    for (int64_t c = 0; c < cd_table_columns(t); c++) {
        cd_nearest_offer(name, cd_table_name(t, c), &nearest, &distance);
    }
    (void)cd_escape_text(wanted, sizeof wanted, name);
    if (nearest) {
        (void)cd_fail(CD_ERR_ARGUMENT, "--%s: %s has no column \"%s\"; did you mean \"%s\"?",
                      option_name, path, wanted, cd_escape_text(other, sizeof other, nearest));
    } else {
        (void)cd_fail(CD_ERR_ARGUMENT, "--%s: %s has no column \"%s\": it has %s", option_name,
                      path, wanted, list_columns(t, list));
    }
    return -1;
}

/* The columns of --ignore, ended by NULL; memory of one block, to be freed. */
static const char **read_ignored(const training *t, const cd_table *table,
                                 const table_choice *choice)
{
    const char *text = choice->ignore ? choice->ignore : "";
    const size_t length = strlen(text);
    const char **list = calloc(1, (length + 2) * sizeof *list + length + 1);
    if (!list) {
        (void)cd_fail(CD_ERR_MEMORY, "out of memory for the columns of --ignore");
        return NULL;
    }
    char *at = memcpy((char *)(list + length + 2), text, length + 1);
    int64_t count = 0;
    const int64_t label = cd_table_find(table, choice->label);
    while (*at) {
        char *end = at + strcspn(at, ",");
        const bool last = !*end;
        *end = '\0';
        const int64_t c = find_column("ignore", t->config->data, table, at);
        if (c >= 0 && c == label) {
            (void)cd_fail(CD_ERR_ARGUMENT, "--ignore names the column of --label");
        }
        if (!cd_ok()) {
            free(list);
            return NULL;
        }
        list[count++] = at;
        at = last ? end : end + 1;
    }
    return list;
}

/* --- options ---------------------------------------------------------------------------------- */

int train_table_check(const command *c, const train_config *config, const table_choice *choice,
                      const char *const *of_pictures)
{
    const char *const names[] = { "label", "ignore", "missing", "task" };
    const char *const given[] = { choice->label, choice->ignore, choice->missing, choice->task };
    if (is_csv_name(config->data)) {
        for (; *of_pictures; of_pictures++) {
            if (!option_given(c, config, *of_pictures)) continue;
            return used_wrongly(c, "--%s is for pictures, and %s is a CSV file", *of_pictures,
                                config->data);
        }
        if (config->model && strcmp(config->model, "mlp") != 0) {
            return used_wrongly(c,
                                "--model %s is for pictures, and %s is a CSV file: --model mlp or "
                                "--layers takes its rows",
                                config->model, config->data);
        }
        return choice->label ? 0 : refuse_no_label(config->data);
    }
    for (int i = 0; i < 4; i++) {
        if (!given[i]) continue;
        return used_wrongly(c,
                            "--%s is for a CSV file, whose name ends in .csv or .tsv, and %s is "
                            "none",
                            names[i], config->data);
    }
    return 0;
}

/* Options of classes, where the table has none. */
static bool check_task(const training *t, const train_table *table)
{
    const train_config *c = t->config;
    if (cd_encoder_task(table->encoder) == CD_TABLE_CLASSES) return true;
    const char *name = c->balanced              ? "--balanced"
                       : c->class_weights       ? "--class-weights"
                       : c->label_smoothing > 0 ? "--label-smoothing"
                                                : NULL;
    if (!name) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s is for --task classes, and the task is %s", name,
                   train_is_regression(t) ? "numbers" : "binary");
}

/* --- sentences -------------------------------------------------------------------------------- */

/* The library's sentences name options of C; the program's are put in their place. */
static bool say_options(void)
{
    static const struct {
        const char *library, *program;
    } words[] = {
        { "the option .fill_missing puts in", "--missing mean puts in" },
        { "it must be left out (.ignore)", "--ignore leaves it out" },
        { ": .task = CD_TABLE_CLASSES if", ": --task classes if" },
        { "and .max_categories is ", "and the most are " },
        { "leave it out with .ignore", "leave it out with --ignore" },
        { "cd_encoder_fit: ", "" },
        { "encoder_fit: ", "" },
    };
    cd_error e;
    if (!cd_error_take(&e)) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *found = strstr(e.message, words[i].library);
        if (!found) continue;
        return cd_fail(e.code, "%.*s%s%s", (int)(found - e.message), e.message, words[i].program,
                       found + strlen(words[i].library));
    }
    return cd_fail(e.code, "%s", e.message);
}

/* --- the split -------------------------------------------------------------------------------- */

enum { FEWEST_ROWS = 5 };

/* The rows as a set that can be split: with their classes, or for numbers without. */
static cd_dataset *whole_set(const cd_encoder *e, const cd_table *table)
{
    cd_tensor *x, *y;
    if (!cd_encoder_encode(e, table, &x, &y)) return NULL;
    if (cd_encoder_task(e) == CD_TABLE_REGRESSION) return cd_dataset_from_tensors(x, y);
    return cd_dataset_from_tensors(x, cd_to(cd_flatten(y, 0, -1), CD_I64),
                                   .classes = cd_encoder_classes(e),
                                   .class_count = cd_encoder_class_count(e));
}

/* Whether some rows can be trained on and others validated on. */
static bool check_rows(const cd_dataset *set, const char *path)
{
    const int64_t count = cd_dataset_count(set), classes = cd_dataset_class_count(set);
    if (count < FEWEST_ROWS) {
        char rows[COUNTED_BYTES];
        return cd_fail(CD_ERR_FORMAT,
                       "%s has %s, too few to train on some and to validate on others: at least %d "
                       "are needed",
                       path, counted(count, "row", "rows", rows), FEWEST_ROWS);
    }
    if (classes < count) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s has a class for each of its %lld rows, and none has two, so that one is "
                   "trained on and the other validated on",
                   path, (long long)count);
}

static bool split_rows(training *t, cd_dataset *set, const cd_table *table)
{
    const train_config *c = t->config;
    split *s = &t->split;
    const double fraction = c->val_split > 0 ? c->val_split : DEFAULT_FRACTION;
    if (!set || !check_rows(set, c->data) || !split_classes(s, set, fraction, c->common.seed)) {
        return false;
    }
    fingerprint_rows(table, s->fingerprint);
    if (s->singles == 1) {
        warn("1 of the classes has a single row, which is trained on and not validated on; it is "
             "%s",
             cd_dataset_class_name(set, s->first_single));
    } else if (s->singles > 1) {
        warn("%lld of the classes have a single row each, which is trained on and not validated "
             "on; the first is %s",
             (long long)s->singles, cd_dataset_class_name(set, s->first_single));
    }
    return true;
}

/* --- the table -------------------------------------------------------------------------------- */

static cd_table_task task_of(const char *word)
{
    if (strcmp(word, "auto") == 0) return CD_TABLE_AUTO;
    return strcmp(word, "classes") == 0  ? CD_TABLE_CLASSES
           : strcmp(word, "binary") == 0 ? CD_TABLE_BINARY
                                         : CD_TABLE_REGRESSION;
}

/* The encoder is fitted twice: on all rows to find out the task and the classes, by which the rows
 * are split, and then on the train part. */
static bool encode(training *t, train_table *table, const table_choice *choice,
                   const char *const *ignored)
{
    const bool fill = strcmp(choice->missing, "mean") == 0;
    cd_encoder *whole =
        cd_encoder_fit(table->table, .label = choice->label, .task = task_of(choice->task),
                       .ignore = ignored, .fill_missing = fill);
    if (!whole || !split_rows(t, whole_set(whole, table->table), table->table)) return false;
    table->why = cd_encoder_sentence(whole);
    table->encoder = cd_encoder_fit(
        table->table, .label = choice->label, .task = cd_encoder_task(whole), .ignore = ignored,
        .fill_missing = fill, .rows = t->split.train.index, .row_count = t->split.train.count);
    cd_dataset *set = cd_dataset_from_table(table->encoder, table->table);
    /* Names that are not UTF-8 fit into no card: an error before the work. */
    return set && cd_encoder_to_json(table->encoder) && split_move(&t->split, set);
}

/* Whether the numbers of the label in the train part are one, but for their rounding. */
static bool is_constant(const training *t, const train_table *table)
{
    const int64_t column = cd_table_find(table->table, cd_encoder_label(table->encoder));
    const double *numbers = cd_table_numbers(table->table, column);
    const samples *s = &t->split.train;
    double least = (double)INFINITY, greatest = -(double)INFINITY;
    for (int64_t i = 0; numbers && i < s->count; i++) {
        least = fmin(least, numbers[s->index[i]]);
        greatest = fmax(greatest, numbers[s->index[i]]);
    }
    return greatest - least <= (double)s->count * DBL_EPSILON * fabs(greatest);
}

static bool check_label(const training *t, const train_table *table)
{
    char name[80];
    if (!train_is_regression(t) || !is_constant(t, table)) return check_task(t, table);
    return cd_fail(CD_ERR_FORMAT,
                   "%s: column \"%s\", the label, is the same number in all rows that are trained "
                   "on: there is nothing to predict",
                   t->config->data,
                   cd_escape_text(name, sizeof name, cd_encoder_label(table->encoder)));
}

bool train_table_open(training *t, train_table *table, const table_choice *choice)
{
    *table = (train_table){ .table = cd_read_csv(t->config->data) };
    if (!table->table || find_column("label", t->config->data, table->table, choice->label) < 0) {
        return false;
    }
    const char **ignored = read_ignored(t, table->table, choice);
    if (!ignored) return false;
    const bool done = encode(t, table, choice, ignored);
    free(ignored);
    t->table = table;
    return done ? check_label(t, table) : say_options();
}

void train_table_report_data(const training *t)
{
    char rows[COUNTED_BYTES], classes[COUNTED_BYTES], task[TASK_BYTES];
    const split *s = &t->split;
    const cd_encoder *e = t->table->encoder;
    if (t->config->common.json) return;
    if (train_is_regression(t)) {
        (void)snprintf(classes, sizeof classes, "%s", "");
    } else {
        (void)snprintf(classes, sizeof classes, "%lld ", (long long)cd_encoder_class_count(e));
    }
    print_line("%s: %s to train on, %lld to validate on (%s), %s%s", t->config->data,
               counted(s->train.count, "row", "rows", rows), (long long)s->validation.count,
               s->validation_name, classes, tabular_task(e, task));
    print_line("%s; --task classes, binary or numbers changes it", t->table->why);
}

/* --- questions -------------------------------------------------------------------------------- */

bool train_is_regression(const training *t)
{
    return t->table && cd_encoder_task(t->table->encoder) == CD_TABLE_REGRESSION;
}

double train_unit(const training *t)
{
    return train_is_regression(t) ? cd_encoder_label_column(t->table->encoder).std : 0;
}

cd_module *train_scored(const training *t)
{
    return t->table ? t->table->scored : t->trained;
}
