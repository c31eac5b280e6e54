/* candela eval: evaluates a saved model on a data set, or on a CSV file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/cells.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/eval_split.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/model_file.h"
#include "apps/report_page.h"
#include "apps/samples_read.h"
#include "apps/score.h"
#include "apps/eval_numbers.h"
#include "apps/table.h"
#include "apps/tabular.h"

typedef struct eval_options {
    common_options common;
    const char *data, *split;
    const char *report; /* where to write a page; NULL: nowhere */
    int64_t batch_size;
} eval_options;

/* One run of the command. */
typedef struct evaluation_run {
    const command *command;
    const eval_options *o;
    const char *file; /* of the model */
    cd_module *model;
    const tabular *rows; /* of a model of tables; NULL: of pictures */
    notable notable;     /* for the page of --report */
    double started;      /* seconds_now() at the beginning */
} evaluation_run;

/* --- the report ------------------------------------------------------------------------------- */

enum { MANY_CLASSES = 20 };

static const char *class_name(const eval_split *e, int64_t label)
{
    return cd_dataset_class_name(e->samples->set, label);
}

/* Writes "84.1 %" to `text`, or "-" for NaN, and returns it. */
static const char *percent(double share, char *text, size_t bytes)
{
    if (isnan(share)) {
        (void)snprintf(text, bytes, "-");
    } else {
        (void)snprintf(text, bytes, "%.1f %%", 100 * share);
    }
    return text;
}

/* The table of classes: a row has the label, name, precision, recall and number of pictures. */
static table class_table(const eval_split *e, const score *s, bool rows)
{
    char name[SHOWN_BYTES];
    int longest = 24, number = snprintf(name, sizeof name, "%3lld", (long long)s->classes - 1);
    for (int64_t k = 0; k < s->classes; k++) {
        int length = cells(shown(class_name(e, k), 0, name));
        if (length > longest) longest = length;
    }
    table t = {
        .column = { { .head = "", .width = number, .min_width = number },
                    { .head = "class", .gap = 2, .width = longest, .min_width = 7, .text = true },
                    { .head = "precision", .gap = 1, .width = 9, .min_width = 9, .drop_order = 2 },
                    { .head = "recall", .gap = 1, .width = 9, .min_width = 7 },
                    { .head = rows ? "rows" : "pictures",
                      .gap = 1,
                      .width = 9,
                      .min_width = 8,
                      .drop_order = 1 } },
        .count = 5
    };
    table_fit(&t, columns_left(0));
    return t;
}

static void show_class(table *t, const eval_split *e, const score *s, int64_t k)
{
    char precision[16], recall[16];
    const cd_class_score one = score_class(s, k);
    table_number(t, "%lld", (long long)k);
    table_text(t, class_name(e, k));
    table_text(t, percent(one.precision, precision, sizeof precision));
    table_text(t, percent(one.recall, recall, sizeof recall));
    table_number(t, "%lld", (long long)one.support);
}

/* Prints columns `from` to `to` - 1 of a row of the confusion matrix, each `width` wide. Row -1 is
 * the head. */
static void show_confusion_row(const score *s, int64_t row, int64_t from, int64_t to, int width)
{
    char line[MANY_CLASSES * 24];
    int used = row < 0 ? snprintf(line, sizeof line, "    ")
                       : snprintf(line, sizeof line, "%3lld ", (long long)row);
    for (int64_t k = from; k < to; k++) {
        int64_t number = row < 0 ? k : s->confusion[row * s->classes + k];
        used +=
            snprintf(line + used, sizeof line - (size_t)used, "%*lld", width, (long long)number);
    }
    print_line("%s", line);
}

/* The width of the longest number in the confusion matrix, with a space before it. */
static int confusion_width(const score *s)
{
    char digits[32];
    int64_t largest = s->classes - 1; /* the labels in the head count too */
    for (int64_t i = 0; i < s->classes * s->classes; i++) {
        if (s->confusion[i] > largest) largest = s->confusion[i];
    }
    return snprintf(digits, sizeof digits, " %lld", (long long)largest);
}

/* On a terminal that is too narrow, the columns are closer together, and split into blocks where
 * that is not enough. */
static void show_confusion(const score *s)
{
    enum { HEAD = 4, WIDTH = 6 };
    int columns = columns_of(stdout), width = confusion_width(s);
    if (width < WIDTH && (columns == 0 || HEAD + WIDTH * s->classes <= columns)) width = WIDTH;
    int64_t block = columns == 0             ? s->classes
                    : columns - HEAD > width ? (columns - HEAD) / width
                                             : 1;
    blank_line();
    print_line("confusion (a row for each true class, a column for each predicted class)");
    for (int64_t from = 0; from < s->classes; from += block) {
        int64_t to = from + block < s->classes ? from + block : s->classes;
        if (from > 0) blank_line();
        for (int64_t i = -1; i < s->classes; i++) show_confusion_row(s, i, from, to, width);
    }
}

static bool show_worst(table *t, const eval_split *e, const score *s)
{
    score_rank *list = score_by_recall(s);
    if (!list) {
        (void)failed("out of memory for %lld classes", (long long)s->classes);
        return false;
    }
    for (int64_t i = 0; i < MANY_CLASSES; i++) show_class(t, e, s, list[i].label);
    print_line("the %d of %lld classes with the lowest recall; --json has all, and the confusion",
               MANY_CLASSES, (long long)s->classes);
    free(list);
    return true;
}

static bool show_score(const evaluation_run *run, const eval_split *e, const score *s)
{
    char pictures[COUNTED_BYTES], task[TASK_BYTES];
    const eval_options *o = run->o;
    if (run->rows) {
        const bool whole = strcmp(e->name, "all") == 0;
        print_line("%s on %s%s%s: %s, %lld %s", run->file, o->data, whole ? "" : ", ",
                   whole ? "" : e->text, counted(s->count, "row", "rows", pictures),
                   (long long)s->classes, tabular_task(run->rows->encoder, task));
    } else {
        print_line("%s on %s, %s: %s, %lld classes", run->file, o->data, e->text,
                   counted(s->count, "picture", "pictures", pictures), (long long)s->classes);
    }
    if (*e->others) print_line("(the default; --split can be %s)", e->others);
    if (e->samples->skipped > 0) {
        print_line("left out: %s that cannot be decoded",
                   counted(e->samples->skipped, "picture", "pictures", pictures));
    }
    print_line("loss      %8.4f nats", s->loss);
    print_line("accuracy  %6.2f %%  (%lld of %lld)", 100 * score_accuracy(s), (long long)s->correct,
               (long long)s->count);
    if (run->rows)
        print_line("F1        %6.2f %%  (the mean of the classes)", 100 * score_mean_f1(s));
    blank_line();
    table t = class_table(e, s, run->rows != NULL);
    table_head(&t);
    if (s->classes > MANY_CLASSES) return show_worst(&t, e, s);
    for (int64_t k = 0; k < s->classes; k++) show_class(&t, e, s, k);
    show_confusion(s);
    return true;
}

static json_t *class_to_json(const eval_split *e, const score *s, int64_t k)
{
    json_t *one = json_object();
    const cd_class_score numbers = score_class(s, k);
    put_text(one, "name", class_name(e, k));
    put_number(one, "precision", numbers.precision);
    put_number(one, "recall", numbers.recall);
    put_number(one, "f1", numbers.f1);
    put_integer(one, "count", numbers.support);
    return one;
}

static json_t *to_json(const eval_split *e, const score *s, const char *file, const eval_options *o)
{
    json_t *all = json_object(), *classes = json_array(), *confusion = json_array();
    for (int64_t i = 0; i < s->classes; i++) {
        json_t *row = json_array();
        for (int64_t k = 0; k < s->classes; k++)
            append_integer(row, s->confusion[i * s->classes + k]);
        append_json(confusion, row);
        append_json(classes, class_to_json(e, s, i));
    }
    put_text(all, "model", file);
    put_text(all, "data", o->data);
    put_text(all, "split", e->name);
    put_bool(all, "split_is_default", !o->split);
    put_text(all, "report", o->report);
    put_integer(all, "count", s->count);
    put_integer(all, "skipped", e->samples->skipped);
    put_number(all, "loss", s->loss);
    put_number(all, "accuracy", score_accuracy(s));
    put_integer(all, "right", s->correct);
    put_number(all, "f1", score_mean_f1(s));
    put_json(all, "classes", classes);
    put_json(all, "confusion", confusion);
    return all;
}

/* Writes the page of --report, or prints how to get one; returns the exit status. */
static int report_evaluation(const evaluation_run *run, const eval_split *e, const score *s,
                             const cd_card *card)
{
    const eval_options *o = run->o;
    if (!o->report) {
        if (!o->common.json) report_hint();
        return 0;
    }
    char data[FINGERPRINT_BYTES];
    fingerprint(e->samples->set, data);
    const report r = { .command = run->command,
                       .values = o,
                       .model_file = run->file,
                       .architecture = card->architecture,
                       .parameters = cd_num_parameters(run->model),
                       .source = card->source,
                       .card = card,
                       .data = o->data,
                       .split = e->text,
                       .fingerprint = data,
                       .set = e->samples->set,
                       .skipped = e->samples->skipped,
                       .score = s,
                       .notable = &run->notable,
                       .rows = run->rows,
                       .total_seconds = seconds_now() - run->started };
    if (!report_write(&r, o->report, run->file)) return failed_in_library();
    if (!o->common.json) print_line("wrote %s", o->report);
    return 0;
}

/* Evaluates the samples of e with run->model, and prints and reports the score. */
static int evaluate_samples(evaluation_run *run, eval_split *e, cd_module *model,
                            const cd_card *card)
{
    const eval_options *o = run->o;
    score s;
    const evaluation on_split = { .model = model,
                                  .samples = e->samples,
                                  .set_name = o->data,
                                  .notable = o->report ? &run->notable : NULL,
                                  .unit = run->rows ? "rows" : NULL };
    const sample_reading reading = { .task = "reading",
                                     .batch_size = o->batch_size,
                                     .most_bytes = SAMPLES_KEPT_BYTES };
    if (!samples_read_photographs(e->samples, &reading) ||
        !evaluate(&s, &on_split, o->batch_size, run->rows ? NULL : "evaluating")) {
        return failed_or_stopped(NULL);
    }
    warn_turned(e->samples->set);
    bool done = o->common.json ? print_json(to_json(e, &s, run->file, o)) : show_score(run, e, &s);
    int status = done ? report_evaluation(run, e, &s, card) : 1;
    score_free(&s);
    return status;
}

/* Evaluates a model of tables. It is run on all rows first; what is evaluated then are its logits,
 * as samples that need no model any more. */
static int evaluate_rows(evaluation_run *run, eval_split *e, const cd_card *card)
{
    const eval_options *o = run->o;
    tabular t;
    if (!tabular_open(&t, run->model, card, o->data, true, "evaluating")) {
        return failed_or_stopped(NULL);
    }
    run->rows = &t;
    cd_dataset *set =
        tabular_is_regression(&t) ? cd_dataset_from_tensors(t.outputs, t.y) : tabular_samples(&t);
    if (!eval_split_rows(e, set, t.table, o->data, o->split, card)) return failed_in_library();
    if (tabular_is_regression(&t)) {
        const number_evaluation numbers = { .command = run->command,
                                            .values = o,
                                            .file = run->file,
                                            .model = run->model,
                                            .card = card,
                                            .rows = &t,
                                            .index = e->samples->index,
                                            .count = e->samples->count,
                                            .split = e->name,
                                            .text = e->text,
                                            .others = e->others,
                                            .split_is_default = !o->split,
                                            .report = o->report,
                                            .json = o->common.json,
                                            .started = run->started };
        return evaluate_numbers(&numbers);
    }
    return evaluate_samples(run, e, cd_nn_flatten(), card);
}

static int evaluate_file(evaluation_run *run, eval_split *e)
{
    const eval_options *o = run->o;
    const char *file = run->file;
    cd_card *card;
    run->model = open_model(file, &card);
    if (!run->model || !check_tensors(run->model, file)) return failed_in_library();
    if (card->encoder) return evaluate_rows(run, e, card);
    if (is_csv_name(o->data)) {
        return failed("%s is no model of tables: %s is for one that was trained on a CSV file",
                      file, o->data);
    }
    if (!eval_split_open(e, o->data, o->split, card,
                         card->preprocess.channels ? &card->preprocess : NULL)) {
        return failed_in_library();
    }
    return evaluate_samples(run, e, run->model, card);
}

static int run_eval(const command *c, const void *values, char *const *operands, int count)
{
    (void)count;
    evaluation_run run = { c, values, operands[0], .started = seconds_now() };
    const char *const files[] = { run.file, run.o->data, NULL };
    catch_interrupts();
    int status = report_check(c, run.o->report, files);
    if (status != 0) return status;
    eval_split e = { .name = NULL };
    status = evaluate_file(&run, &e);
    eval_split_free(&e);
    return status;
}

static const option eval_option_list[] = {
    { .name = "data",
      .argument = "SET",
      .help = "the data set to evaluate on: fashion-mnist, fashion-mnist:DIR, mnist:DIR, idx:DIR, "
              "cifar10:DIR, cifar100:DIR, list:FILE, or a folder of photographs; for a model of "
              "tables a CSV file with the label",
      .type = OPTION_TEXT,
      .required = true,
      .offset = offsetof(eval_options, data) },
    { .name = "split",
      .argument = "NAME",
      .help =
          "train, val or test: the split to evaluate on (default: test, or val where there is no "
          "test; of a set without splits what training validated on, or all of it)",
      .type = OPTION_CHOICE,
      .choices = "train|val|test",
      .offset = offsetof(eval_options, split) },
    { .name = "report",
      .argument = "FILE.html",
      .help = "write a page about the evaluation: confusion, classes, the worst mistakes, settings",
      .type = OPTION_TEXT,
      .offset = offsetof(eval_options, report) },
    { .name = "batch",
      .argument = "N",
      .default_value = "64",
      .help = "pictures to run through the model at a time",
      .type = OPTION_INTEGER,
      .min = 1,
      .max = 65536,
      .offset = offsetof(eval_options, batch_size) },
};

const command eval_command = {
    .name = "eval",
    .summary = "evaluates a saved model: loss, accuracy, precision, recall, confusion",
    .operands = "M.safetensors",
    .min_operands = 1,
    .max_operands = 1,
    .options = eval_option_list,
    .option_count = sizeof eval_option_list / sizeof *eval_option_list,
    .values_bytes = sizeof(eval_options),
    .details =
        "Classes and preprocessing are those that the model file names. Where training took "
        "pictures from a set to validate on, val is these pictures and train the others, as long "
        "as the set has the same files. Naming a split that is not there is an error, which lists "
        "those that are. A model of tables is evaluated on all rows of a CSV file; of the very "
        "file "
        "that it was trained on, on the rows that training validated on: classes as "
        "pictures are; numbers by R2, and by the mean absolute and the root mean squared error in "
        "the label's own unit.",
    .example = "candela eval fashion.safetensors --data fashion-mnist\n"
               "candela eval fashion.safetensors --data fashion-mnist --report report.html\n"
               "candela eval houses.safetensors --data test.csv",
    .draws_numbers = true,
    .run = run_eval,
};
